import { AccessDenied } from '../access/refusals.js';
import { ALL } from '../log/event-log.js';
import { linkStreamOf } from '../log/stream-names.js';
import { invalidArgument } from '../server/rpc-error.js';

/**
 * The streams of links are kept by the server, and the log is no stream.
 * @throws {RpcError} when it is one of them
 * @throws {AccessDenied} when it is the log, as EventStoreDB has it
 */
export function checkWritable(streamId: string): void {
  if (streamId === ALL) throw new AccessDenied();
  if (linkStreamOf(streamId)) {
    throw invalidArgument(`'${streamId}' is a stream of links that the server keeps; it cannot be written to`);
  }
}
