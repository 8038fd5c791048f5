import { linkStreamOf } from '../log/stream-names.js';
import { invalidArgument } from '../server/rpc-error.js';

/**
 * The streams of links are kept by the server.
 * @throws {RpcError} when the stream is one of them
 */
export function refuseLinkStream(streamId: string): void {
  if (linkStreamOf(streamId)) {
    throw invalidArgument(`'${streamId}' is a stream of links that the server keeps; it cannot be written to`);
  }
}
