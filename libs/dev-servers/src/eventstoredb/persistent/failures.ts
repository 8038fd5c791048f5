import { status } from '@grpc/grpc-js';
import { RpcError } from '../server/rpc-error.js';

/** A group, by what it reads and its name, as failures are told about it. */
export interface GroupName {
  /** The stream, or `$all`. */
  readonly stream: string;
  readonly group: string;
}

function failure(code: status, exception: string, details: string, { stream, group }: GroupName, reason?: string) {
  const trailers = { exception, 'stream-name': stream, 'group-name': group };
  return new RpcError(code, details, reason === undefined ? trailers : { ...trailers, reason });
}

const called = ({ stream, group }: GroupName) => `ubscription group ${group} on stream ${stream}`;

export function groupExists(name: GroupName): RpcError {
  return failure(status.ALREADY_EXISTS, 'persistent-subscription-exists', `S${called(name)} exists.`, name);
}

export function groupDoesNotExist(name: GroupName): RpcError {
  const details = `S${called(name)} does not exist.`;
  return failure(status.NOT_FOUND, 'persistent-subscription-does-not-exist', details, name);
}

/** @param reason in words */
export function groupFailed(name: GroupName, reason: string): RpcError {
  const details = `S${called(name)} failed: '${reason}'`;
  return failure(status.INTERNAL, 'persistent-subscription-failed', details, name, reason);
}

export function maximumSubscribersReached(name: GroupName): RpcError {
  const details = `Maximum subscriptions reached for s${called(name)}.`;
  return failure(status.FAILED_PRECONDITION, 'maximum-subscribers-reached', details, name);
}

export function groupDropped(name: GroupName): RpcError {
  return failure(status.CANCELLED, 'persistent-subscription-dropped', `S${called(name)} was dropped.`, name);
}
