import { StoreUnavailable } from '@gesta/core';

/** By these codes SQLite says that the disk, the file or the machine is the matter, not what was asked. */
const UNAVAILABLE = /^SQLITE_(IOERR|FULL|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM|PERM|NOLFS|PROTOCOL|BUSY|LOCKED)(_|$)/;

/**
 * SQLite's own code, such as `SQLITE_FULL`; empty for an error that is not SQLite's. The class is not asked, as the
 * driver may be loaded more than once.
 */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Somebody else holds the lock; waiting helps. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|PROTOCOL)(_|$)/.test(codeOf(error));
}

/** The store cannot do its work now, whatever it is asked: the disk is full, the file cannot be read, a lock stays. */
export function isUnavailable(error: unknown): boolean {
  return UNAVAILABLE.test(codeOf(error));
}

/** The file is there and is something else. */
export function isNoDatabase(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_NOTADB';
}

/** Says in one sentence what is the matter with the store at `location`; SQLite's own error is the cause. */
export function unavailable(location: string, error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`${location}: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (isBusy(error)) return 'another connection has kept it locked for too long';
  const code = codeOf(error);
  if (code.startsWith('SQLITE_FULL')) return 'the disk is full';
  if (code.startsWith('SQLITE_CANTOPEN'))
    return 'no database file can be opened there: it has to be a file, in a folder where this process may write';
  if (code.startsWith('SQLITE_READONLY')) return 'this process may not write to the file, or not in its folder';
  return (error as Error).message;
}
