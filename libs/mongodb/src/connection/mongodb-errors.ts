import { StoreUnavailable } from '@gesta/core';
import { MongoError, MongoServerError } from 'mongodb';

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

/**
 * The driver's error in Gesta's terms, with that as the cause; another error as it is.
 * @param place what the error is about, for the message
 */
export function translated(place: string, error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  const code = serverCode(error);
  const message = `${place}: ${error.message}`;
  return isRefusal(code)
    ? new RefusedByMongoDB(message, code, { cause: error })
    : new StoreUnavailable(message, { cause: error });
}
