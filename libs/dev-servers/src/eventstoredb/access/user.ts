/** Who makes a call. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The group whose members may do everything. */
export const ADMINS = '$admins';

/** The group whose members look after the server, but may not read what the system keeps in its streams. */
export const OPERATIONS = '$ops';

/** Whoever gives no name. */
export const anonymous: User = { name: 'anonymous', groups: [] };

/** @returns whether the user is an administrator */
export function isAdmin(user: User): boolean {
  return user.name === 'admin' || user.groups.includes(ADMINS);
}

/** @returns whether the user may manage the server: an administrator or an operator */
export function isOperator(user: User): boolean {
  return isAdmin(user) || user.name === 'ops' || user.groups.includes(OPERATIONS);
}
