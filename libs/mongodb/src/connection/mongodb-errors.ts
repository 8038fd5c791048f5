import { StoreUnavailable } from '@gesta/core';
import { MongoError, MongoNetworkError, MongoServerError } from 'mongodb';

/**
 * MongoDB will never do what it was asked, such as a query that the server cannot run; asking again does not help. A
 * document that it does not take is told by `DocumentRefused` of `@gesta/core`.
 */
export class RefusedByMongoDB extends Error {
  override readonly name = 'RefusedByMongoDB';
  constructor(
    message: string,
    /** MongoDB's number for the reason, such as 2 for a bad value. */
    readonly code?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Codes below 10,000 that speak of what was asked: bad values and types, failed validation, arrays in two fields of an index. */
const ASKED_WRONGLY: ReadonlySet<number> = new Set([
  2, 9, 14, 15, 17, 40, 52, 53, 54, 56, 57, 66, 67, 121, 165, 168, 171,
]);

/** Codes from 10,000 that speak of the server all the same: it is no primary (any more), shuts down, was told to stop the work, or its disk is full. */
const SERVER_TROUBLE: ReadonlySet<number> = new Set([
  10058, 10107, 11600, 11601, 11602, 12586, 12587, 13388, 13435, 13436, 14031,
]);

/** Whether the code says that asking again is pointless. */
export function isRefusal(code: number | string | undefined): boolean {
  if (typeof code !== 'number') return false;
  return code >= 10_000 ? !SERVER_TROUBLE.has(code) : ASKED_WRONGLY.has(code);
}

/** MongoDB's number for what went wrong; `undefined` where the error is not the server's. */
export function serverCode(error: unknown): number | undefined {
  const code = error instanceof MongoServerError ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Codes by which a member says that another one is to be asked, or this one soon again: it steps down, shuts down, or has lost its connections. */
const ASK_AGAIN: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436,
]);

/** What Node says of a connection that is no more. The driver passes some of it on as it is. */
const CONNECTION_TROUBLE = /^(E[A-Z]+|ERR_(STREAM|SOCKET|SSL|TLS)_[A-Z_]+)$/;

/** Whether the connection is the matter, and not what was asked. */
function isConnectionTrouble(error: unknown): boolean {
  if (error instanceof MongoNetworkError) return true;
  const code = error instanceof Error && !(error instanceof MongoError) && (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' && CONNECTION_TROUBLE.test(code);
}

/** Whether a read that failed so may well succeed on another connection, or on the next primary. */
export function isPassing(error: unknown): boolean {
  return isConnectionTrouble(error) || ASK_AGAIN.has(serverCode(error) ?? 0);
}

/**
 * The driver's error, or Node's of a connection, in Gesta's terms, with that as the cause; another error as it is.
 * @param place what the error is about, for the message
 */
export function translated(place: string, error: unknown): unknown {
  if (!(error instanceof MongoError) && !isConnectionTrouble(error)) return error;
  const code = serverCode(error);
  const message = `${place}: ${(error as Error).message}`;
  return isRefusal(code)
    ? new RefusedByMongoDB(message, code, { cause: error })
    : new StoreUnavailable(message, { cause: error });
}
