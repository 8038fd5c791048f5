import { STATUS_CODES } from 'node:http';
import {
  CommandIdTaken,
  AppendTooLarge,
  ConcurrencyConflict,
  DomainError,
  InvalidPattern,
  InvalidStreamId,
  PositionBeyondLog,
  ReadModelBehind,
  StoresDoNotMatch,
  StoreUnavailable,
  StreamIncomplete,
  StreamTombstoned,
  TooManyWaiting,
  UnknownEvent,
  ValidationFailed,
} from '@gesta/core';
import { HttpException } from '@nestjs/common';
import { BacklogTooLong } from './backlog-too-long.js';
import { ClientGone } from './client-gone.js';
import { InvalidRequest } from './invalid-request.js';
import { RefusedBody } from './refused-body.js';
import { RequestInProgress } from './request-in-progress.js';

/** An error as RFC 9457 describes it. Fields beyond these belong to the type of the problem. */
export interface ProblemDetails {
  /** Says what kind of problem it is; `about:blank` where the status says it all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The path of the request. */
  readonly instance?: string;
  readonly [member: string]: unknown;
}

/** A problem, and when to try again, in seconds. */
export interface Problem {
  readonly details: ProblemDetails;
  readonly retryAfter?: number;
  /** Whether it is foreseen: what is not is a fault of the application, and its log has the rest. */
  readonly foreseen: boolean;
}

const RETRY_AFTER_S = 1;
const BODY_KINDS: Readonly<Record<number, string>> = {
  400: 'body-refused',
  413: 'body-too-large',
  415: 'body-type-not-taken',
};

/** What to answer when a request ended with the error. What is not foreseen shows nothing of the inside. */
export function problemOf(error: unknown, instance: string): Problem {
  if (error instanceof InvalidRequest)
    return invalid(new ValidationFailed('request', error.violations), instance, error.message);
  const refused = refusedBody(error);
  if (refused) {
    const { rule, limit } = refused;
    const kind = BODY_KINDS[refused.getStatus()]!;
    return of(kind, refused.getStatus(), refused.message, instance, { rule, ...(limit !== undefined && { limit }) });
  }
  if (error instanceof ValidationFailed) return invalid(error, instance, `${error.subject} breaks its rules`);
  if (error instanceof InvalidStreamId) return of('invalid-id', 400, error.message, instance);
  if (error instanceof InvalidPattern) return of('invalid-pattern', 400, error.message, instance);
  if (error instanceof DomainError) {
    const { code } = error as { code?: unknown };
    const named = { name: error.name, ...(typeof code === 'string' && { code }) };
    return of('refused', 409, error.message, instance, named);
  }
  if (error instanceof CommandIdTaken) {
    return of('command-id-taken', 422, 'The id of this request was used for another one: use a new one', instance);
  }
  if (error instanceof RequestInProgress) {
    return { ...of('request-in-progress', 409, error.message, instance), retryAfter: RETRY_AFTER_S };
  }
  if (error instanceof StreamTombstoned)
    return of('stream-tombstoned', 410, 'This was deleted for ever, and never begins again', instance);
  if (error instanceof AppendTooLarge)
    return of('append-too-large', 413, 'This is more than can be recorded at once; state less', instance);
  if (error instanceof StreamIncomplete)
    return of(
      'stream-incomplete',
      500,
      'The beginning of its history is gone; an operator has to look at it',
      instance,
    );
  if (error instanceof UnknownEvent)
    return tryAgain(
      'unknown-event',
      'Something in its history is not known to this version of the application; another one may know it',
      instance,
    );
  if (error instanceof StoreUnavailable)
    return tryAgain('store-unavailable', 'The store does not answer; try again later', instance);
  if (error instanceof PositionBeyondLog) return of('position-beyond-log', 409, error.message, instance);
  if (error instanceof StoresDoNotMatch)
    return of(
      'stores-do-not-match',
      503,
      'What is shown was not made from this log; an operator has to see to it',
      instance,
    );
  if (error instanceof ReadModelBehind)
    return tryAgain('read-model-behind', 'What was written is not shown yet; try again later', instance);
  if (error instanceof TooManyWaiting)
    return tryAgain('too-many-waiting', 'Too many wait for what was written to be shown; try again later', instance);
  if (error instanceof BacklogTooLong) {
    return { ...of('backlog-too-long', 503, error.message, instance), retryAfter: error.retryAfterS };
  }
  if (error instanceof ClientGone) return of('client-gone', 499, error.message, instance);
  if (error instanceof ConcurrencyConflict)
    return tryAgain(
      'concurrency-conflict',
      'Others kept changing the same thing; nothing was done; try again',
      instance,
    );
  if (error instanceof HttpException) return ofHttpException(error, instance);
  const status = statusOfHttpError(error);
  if (status !== undefined) return of('about:blank', status, (error as Error).message, instance);
  const detail = 'Something went wrong here; it was logged';
  return { ...of('about:blank', 500, detail, instance), foreseen: false };
}

function of(kind: string, status: number, detail: string, instance: string, members: object = {}): Problem {
  const type = kind === 'about:blank' ? kind : `urn:gesta:problem:${kind}`;
  const title = STATUS_CODES[status] ?? 'Error';
  return { details: { type, title, status, detail, instance, ...members }, foreseen: true };
}

function invalid({ violations }: ValidationFailed, instance: string, detail: string): Problem {
  return of('invalid-request', 400, detail, instance, { violations });
}

function tryAgain(kind: string, detail: string, instance: string): Problem {
  return { ...of(kind, 503, detail, instance), retryAfter: RETRY_AFTER_S };
}

/** What the developer wrote, in the form of a problem; a body that is one already stays as it is. */
function ofHttpException(exception: HttpException, instance: string): Problem {
  const status = exception.getStatus();
  const foreseen = status !== 500;
  const response = exception.getResponse();
  if (typeof response === 'string') return { ...of('about:blank', status, response, instance), foreseen };
  const body = response as Record<string, unknown>;
  if (isProblem(body)) return { details: body, foreseen };
  const { message, statusCode: _said, status: _own, error, ...others } = body;
  const detail = Array.isArray(message)
    ? message.join('; ')
    : typeof message === 'string'
      ? message
      : exception.message;
  // Nest puts the status's name into `error`; health checks put what is down there.
  const members = typeof error === 'object' && error !== null ? { ...others, error } : others;
  const { details } = of('about:blank', status, detail, instance);
  return { details: { ...members, ...details }, foreseen };
}

function isProblem(body: Record<string, unknown>): body is ProblemDetails & Record<string, unknown> {
  return typeof body.type === 'string' && typeof body.title === 'string' && typeof body.status === 'number';
}

/** Why a body was refused, also where Nest has wrapped what its parser says. */
function refusedBody(error: unknown): RefusedBody | undefined {
  if (error instanceof RefusedBody) return error;
  const cause = error instanceof HttpException ? error.cause : error;
  if (cause instanceof RefusedBody) return cause;
  const { type, limit } = (cause ?? {}) as { type?: unknown; limit?: unknown };
  if (type !== 'entity.too.large' || typeof limit !== 'number') return undefined;
  return new RefusedBody(413, `The body is longer than ${limit} bytes`, 'bodyLimit', limit);
}

/** The status of an error that a middleware made for the client, in the way of `http-errors`. */
function statusOfHttpError(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, expose } = error as Error & { statusCode?: unknown; expose?: unknown };
  const isClients = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClients && expose === true ? statusCode : undefined;
}
