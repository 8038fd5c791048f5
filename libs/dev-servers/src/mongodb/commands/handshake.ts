import { Int32, Long, ObjectId } from 'bson';
import { setTimeout as wait } from 'node:timers/promises';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { SESSION_TIMEOUT_MINUTES } from '../sessions/session-registry.js';
import { MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES, MAX_WRITE_BATCH } from '../wire/server-limits.js';
import type { Command, Request } from './command.js';

/** The version of MongoDB that this server behaves like. */
export const MONGODB_VERSION = [7, 0, 0, 0] as const;
const WIRE_VERSION = 21;

/** Tells one run of the server from the next. */
const processId = new ObjectId();
const COUNTER = 0;

/** Says what the server is: a single one, of no replica set. A client may ask to be answered only when that changes. */
export const hello: Command = async (request) => {
  await untilChanged(request);
  return describe({ isWritablePrimary: true }, request);
};

/** The same under its old name. */
export const isMaster: Command = async (request) => {
  await untilChanged(request);
  return describe({ ismaster: true }, request);
};

function describe(role: BsonDocument, { body, connection }: Request): BsonDocument {
  return {
    ...(body.helloOk === true && { helloOk: true }),
    ...role,
    topologyVersion: { processId, counter: Long.fromNumber(COUNTER) },
    maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
    maxMessageSizeBytes: new Int32(MAX_MESSAGE_BYTES),
    maxWriteBatchSize: new Int32(MAX_WRITE_BATCH),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: new Int32(SESSION_TIMEOUT_MINUTES),
    connectionId: new Int32(connection.id),
    minWireVersion: new Int32(0),
    maxWireVersion: new Int32(WIRE_VERSION),
    readOnly: false,
  };
}

/** Nothing ever changes here, so who knows the state of things waits for as long as it said it would. */
async function untilChanged({ body, connection }: Request): Promise<void> {
  const { topologyVersion, maxAwaitTimeMS } = body;
  if (topologyVersion === undefined && maxAwaitTimeMS === undefined) return;
  const most = Number(maxAwaitTimeMS);
  if (!isDocument(topologyVersion) || !(topologyVersion.processId instanceof ObjectId) || !(most >= 0)) {
    throw new MongoDBError(31368, "A request with 'topologyVersion' must include 'maxAwaitTimeMS', and the other way round"); // prettier-ignore
  }
  if (!topologyVersion.processId.equals(processId)) return;
  await wait(most, undefined, { signal: connection.ended });
}
