import { StoreUnavailable } from '@gesta/core';
import { status } from '@grpc/grpc-js';

/** The server did not answer in the time that a call has. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = status.DEADLINE_EXCEEDED;
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms)} ms`);
  }
}

/** The connection went over to another node while something was read that one node has to answer. */
export class NodeChanged extends Error {
  override readonly name = 'NodeChanged';
  readonly code = status.UNAVAILABLE;
  constructor() {
    super('the connection went over to another node');
  }
}

/** The server ended a subscription that has no end. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly code = status.UNAVAILABLE;
  constructor() {
    super('the server ended the subscription');
  }
}

/** The server takes appends, but does not say that they are safe. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed';
  readonly code = status.DEADLINE_EXCEEDED;
  /** @param ms how long it was waited for; absent where the server itself gave up */
  constructor(ms?: number) {
    super(
      `the server does not confirm the append${ms === undefined ? '' : ` (no answer within ${Math.round(ms)} ms)`}: has its cluster lost the quorum, is its disk slow, or is it overloaded?`,
    );
  }
}

/** What the server is known to have is not to be read yet: a read lags behind its writer. */
export class NotShownYet extends Error {
  override readonly name = 'NotShownYet';
  readonly code = status.UNAVAILABLE;
  constructor(streamId: string, revision: number) {
    super(`it has revision ${revision} of ${streamId} and does not show it yet`);
  }
}

/** A failed call, as gRPC and EventStoreDB's client tell of it. */
interface CallFailure {
  readonly code?: unknown;
  /** What the client made of it, such as `access-denied`. */
  readonly type?: unknown;
  readonly details?: unknown;
  readonly metadata?: { getMap?(): Record<string, unknown> };
}

/** By these codes the server refuses what was asked; asking again changes nothing. */
const FINAL: readonly unknown[] = [
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
];

/** EventStoreDB's own name of the failure, such as `stream-deleted` or `not-leader`; empty when there is none. */
export function exceptionOf(error: unknown): string {
  const { type, metadata } = (error ?? {}) as CallFailure;
  const exception = metadata?.getMap?.().exception;
  return exception !== undefined ? String(exception as string) : typeof type === 'string' ? type : '';
}

/** Whether the error comes from a call to the server, and not from our side of it. */
export function isCallFailure(error: unknown): boolean {
  return typeof (error as CallFailure | undefined)?.code === 'number' || exceptionOf(error) !== '' || isLost(error);
}

/** Whether the same call may work when it is made again, to the same server or to the next leader. */
export function isPassing(error: unknown): boolean {
  if (exceptionOf(error) === 'not-leader') return true;
  return isCallFailure(error) && !FINAL.includes((error as CallFailure).code) && exceptionOf(error) !== 'access-denied';
}

export function isAccessDenied(error: unknown): boolean {
  const { code } = (error ?? {}) as CallFailure;
  return code === status.PERMISSION_DENIED || code === status.UNAUTHENTICATED || exceptionOf(error) === 'access-denied';
}

export function isUnimplemented(error: unknown): boolean {
  return (error as CallFailure | undefined)?.code === status.UNIMPLEMENTED;
}

/** Says in one sentence what is the matter with the store at `shown`; the call's own error is the cause. */
export function unavailable(shown: string, error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`${shown}: ${reasonOf(error)}`, { cause: error });
}

export function reasonOf(error: unknown): string {
  const { code, details } = (error ?? {}) as CallFailure;
  if (code === status.UNAUTHENTICATED) {
    return 'the server denies access: it does not know this login; check the user and the password in the URL';
  }
  if (isAccessDenied(error)) {
    const { what } = error as Denied;
    return `the server denies access${what ? ` to ${what}` : ''}: ${what === ALL ? ALL_IS_NEEDED : 'give the user of the URL the right, by the access list ($acl) in the metadata of the stream'}`;
  }
  const said = briefly(
    typeof details === 'string' && details ? details : error instanceof Error ? error.message : String(error),
  );
  if (error instanceof NotShownYet)
    return `the server lags behind itself: ${said}; is it overloaded, or without a quorum?`;
  if (error instanceof NotConfirmed) return said;
  if (code === status.DEADLINE_EXCEEDED) return `the server did not answer in time (${said})`;
  if (code === status.UNAVAILABLE || isLost(error)) return `the server cannot be reached (${said})`;
  return said;
}

/** The whole log, by the name that EventStoreDB has for it. */
export const ALL = '$all';

const ALL_IS_NEEDED =
  'make its user a member of $admins, or let it read $all by the metadata ($acl) of the stream $all';

/** A failure that says of what. */
interface Denied {
  readonly what?: string;
}

/** The failure, knowing what was asked for where access to that was denied. */
export function deniedTo<T>(what: string, error: T): T {
  return isAccessDenied(error) && error instanceof Error ? Object.assign(error, { what } satisfies Denied) : error;
}

/** What OpenSSL says is for those who write it; these are for those who read it. */
const TLS_ALERTS: readonly (readonly [said: RegExp, meant: string])[] = [
  [
    /certificate required|handshake failure/i,
    'it wants a certificate of its clients: name one, with its key, by userCertFile= and userKeyFile=',
  ],
  [
    /alert (unknown ca|bad certificate|certificate (unknown|expired|revoked)|unsupported certificate)/i,
    'it does not accept the certificate of userCertFile: is it of an authority that the server trusts, and still valid?',
  ],
  [
    /wrong version number|packet length|unknown protocol|EPROTO/i,
    'it does not speak TLS as asked: check tls= in the URL',
  ],
];

/** What gRPC says of a lost connection is long; the reason is in its middle. */
function briefly(message: string): string {
  const [, reason] = /Last error: (.+?)(?: \(\d{4}-[^)]*\))?\.? Resolution note:/s.exec(message) ?? [];
  const said = (reason ?? message).replaceAll(/\s+/g, ' ').trim();
  if (!/SSL routines|:error:[0-9A-F]{6,}/i.test(said)) return said;
  const [, meant] = TLS_ALERTS.find(([alert]) => alert.test(said)) ?? [];
  return meant ?? 'its TLS and ours do not go together: check the certificates that the URL names';
}

/** The client found no node, or the connection broke where gRPC has no code for it. */
function isLost(error: unknown): boolean {
  return error instanceof Error && /^Failed to discover|write after end|ECONNRESET|ECONNREFUSED/.test(error.message);
}
