/** What somebody wants to do with a stream. */
export type StreamAction = 'read' | 'write' | 'delete' | 'metadataRead' | 'metadataWrite';

/** The users and groups that may do what; an action that it does not name is decided by the next list. */
export type AccessControlList = Partial<Readonly<Record<StreamAction, readonly string[]>>>;

/** The group that everybody is in. */
export const EVERYBODY = '$all';

const keys: Readonly<Record<StreamAction, string>> = {
  read: '$r',
  write: '$w',
  delete: '$d',
  metadataRead: '$mr',
  metadataWrite: '$mw',
};

/**
 * Reads a list as stream metadata and the stream `$settings` hold it: each action with one role or an array of them.
 * @param json what was found where a list should be
 * @returns the list; an empty one when that was none
 */
export function accessControlListIn(json: unknown): AccessControlList {
  if (typeof json !== 'object' || json === null) return {};
  const list: Partial<Record<StreamAction, readonly string[]>> = {};
  for (const [action, key] of Object.entries(keys) as [StreamAction, string][]) {
    const roles = (json as Record<string, unknown>)[key];
    if (typeof roles === 'string') list[action] = [roles];
    else if (Array.isArray(roles)) list[action] = roles.filter((role) => typeof role === 'string');
  }
  return list;
}

/** Lets these roles, and nobody else but administrators, do everything. */
export function everythingFor(...roles: readonly string[]): Required<AccessControlList> {
  return { read: roles, write: roles, delete: roles, metadataRead: roles, metadataWrite: roles };
}
