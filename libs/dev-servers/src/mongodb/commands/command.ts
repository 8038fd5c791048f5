import type { CursorRegistry } from '../cursors/cursor-registry.js';
import type { BsonDocument } from '../semantics/bson-document.js';
import type { SessionRegistry } from '../sessions/session-registry.js';
import type { ExpiredDocuments } from '../storage/expired-documents.js';
import type { Storage } from '../storage/storage.js';
import type { Reply } from '../wire/bson-replies.js';
import type { ClientConnection } from '../wire/client-connection.js';

/** What commands work with. */
export interface Server {
  readonly storage: Storage;
  readonly cursors: CursorRegistry;
  readonly sessions: SessionRegistry;
  readonly expired: ExpiredDocuments;
  readonly startedAt: Date;
  /** How many clients are connected. */
  readonly connections: () => number;
}

/** A command as a client sent it. */
export interface Request {
  /** Its name, as the client spells it. */
  readonly name: string;
  readonly database: string;
  readonly body: BsonDocument;
  /** The session it belongs to, if any. */
  readonly session: string | undefined;
  readonly connection: ClientConnection;
}

/** Does what is asked, or throws a `MongoDBError`. */
export type Command = (request: Request, server: Server) => Reply | Promise<Reply>;
