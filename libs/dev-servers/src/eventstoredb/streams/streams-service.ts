import services, { type IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Access } from '../access/access.js';
import type { EventLog } from '../log/event-log.js';
import { clientStreaming, serverStreaming, unary } from '../server/handlers.js';
import type { ServerVersion } from '../server/server-versions.js';
import type { Service } from '../server/service.js';
import { append } from './append.js';
import { BatchAppends } from './batch-append.js';
import { deleteStream, tombstoneStream } from './delete.js';
import { read } from './read.js';
import { SharedPages } from './shared-pages.js';

/** Takes events as they are to be sent; see `event-encoder.ts`. */
const readDefinition = {
  ...services.StreamsService.read,
  responseSerialize: (response: ReadResp | Buffer) =>
    Buffer.isBuffer(response) ? response : services.StreamsService.read.responseSerialize(response),
};

/** The service `Streams`: reading, subscribing, appending, deleting. */
export function streamsService(log: EventLog, access: Access, version: ServerVersion): Service {
  const pages = new SharedPages(log);
  const implementation: IStreamsServer = {
    read: serverStreaming((call, signal) => read(log, access, call, signal, pages, version)),
    append: clientStreaming((call) => append(log, access, call, version)),
    batchAppend: (call) => BatchAppends.serve(log, access, call, version),
    delete: unary((call) => deleteStream(log, access, call)),
    tombstone: unary((call) => tombstoneStream(log, access, call)),
  };
  return { definition: { ...services.StreamsService, read: readDefinition }, implementation };
}
