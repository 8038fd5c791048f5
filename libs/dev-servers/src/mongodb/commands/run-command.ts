import { StoreUnavailable } from '@gesta/core';
import { Double, serialize } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { sessionId } from '../sessions/session-registry.js';
import { readCommand } from '../wire/bson-commands.js';
import { encodeReply } from '../wire/bson-replies.js';
import type { ClientConnection, RawAnswer, RawCommand } from '../wire/client-connection.js';
import type { Server } from './command.js';
import { commands } from './command-table.js';
import { checkDatabase } from './namespaces.js';
import { checkReadConcern } from './read-concern.js';
import { refuseTransactions } from './transactions.js';
import { errorFields } from './write-statements.js';

/** Does a command and answers it, with an error if need be. */
export async function runCommand(raw: RawCommand, connection: ClientConnection, server: Server): Promise<RawAnswer> {
  try {
    const body = readCommand(raw);
    const name = Object.keys(body)[0] ?? '';
    const reply = await run(name, body, connection, server);
    return { document: encodeReply(reply), repeatable: body.maxAwaitTimeMS !== undefined };
  } catch (error) {
    connection.ended.throwIfAborted();
    return { document: failure(error) };
  }
}

function run(name: string, body: BsonDocument, connection: ClientConnection, server: Server) {
  const command = commands.get(name);
  if (!command) throw new MongoDBError('CommandNotFound', `no such command: '${name}'`);
  const { $db: database, lsid } = body;
  if (typeof database !== 'string') throw new MongoDBError(40571, 'OP_MSG requests require a $db argument');
  checkDatabase(database);
  refuseTransactions(body);
  checkReadConcern(body);
  const session = lsid === undefined ? undefined : sessionId(lsid);
  if (session !== undefined) server.sessions.use(session);
  return command({ name, database, body, session, connection }, server);
}

function failure(thrown: unknown): Buffer {
  const error = asMongoDBError(thrown);
  const { codeName } = error;
  return Buffer.from(serialize({ ok: new Double(0), codeName, ...errorFields(error) }));
}

function asMongoDBError(error: unknown): MongoDBError {
  if (error instanceof MongoDBError) return error;
  if (!(error instanceof StoreUnavailable))
    return new MongoDBError('InternalError', `The server failed: ${String(error)}`);
  const full = (error.cause as { code?: string } | undefined)?.code === 'SQLITE_FULL';
  return new MongoDBError(full ? 'OutOfDiskSpace' : 'InternalError', error.message);
}
