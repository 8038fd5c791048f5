import type { Placed } from './happenings.js';

/** A happening as one line of a failure message, with the circumstances that were written around it. */
export function lineOf({ happening, streamId, recordedAt, headers }: Placed): string {
  return [
    whatHappened(happening),
    streamId === undefined ? '' : ` on ${streamId}`,
    recordedAt === undefined ? '' : ` at ${recordedAt.toISOString()}`,
    Object.keys(headers).length === 0 ? '' : ` with headers ${JSON.stringify(headers)}`,
  ].join('');
}

/** An event or a command as one line: its name and its data. */
export function named({ type, data }: { readonly type: string; readonly data: object }): string {
  return `${type} ${JSON.stringify(data)}`;
}

/** An error as one line: its name and its message. */
export function inShort(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function whatHappened(happening: Placed['happening']): string {
  if (!('kind' in happening)) return named(happening);
  switch (happening.kind) {
    case 'old':
      return `${happening.type} in version ${happening.version} ${JSON.stringify(happening.data)}`;
    case 'refused':
      return `${named(happening.sent)} refused with ${happening.refusal.name}: ${happening.refusal.message}`;
    case 'due':
      return `deadline '${happening.name}'${happening.key === undefined ? '' : ` of '${happening.key}'`} is due`;
  }
}
