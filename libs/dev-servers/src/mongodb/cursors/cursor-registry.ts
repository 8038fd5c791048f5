import { randomBytes } from 'node:crypto';
import { MongoDBError } from '../semantics/mongodb-error.js';

/** How long a cursor that nobody asks is kept, in milliseconds. */
export const CURSOR_TIMEOUT_MS = 10 * 60_000;

/** A part of a result. */
export interface Batch {
  /** In BSON. */
  readonly documents: Uint8Array[];
  /** Nothing follows. */
  readonly ended: boolean;
}

/** A result that is given in parts. */
export interface Results {
  /**
   * The next part: no more than so many documents, and no more bytes than fit into a reply.
   * @param deadline of `performance.now()`; MaxTimeMSExpired is thrown behind it
   */
  next(most: number, deadline: number): Promise<Batch>;
}

/** A cursor that a client may ask for more. */
export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly session: string | undefined;
  readonly results: Results;
}

interface OpenCursor extends Cursor {
  readonly keepsUnused: boolean;
  lastUse: number;
  inUse: boolean;
}

/** The open cursors. They belong to the server and outlive the connection they were opened on, but not their session. */
export class CursorRegistry {
  readonly #cursors = new Map<bigint, OpenCursor>();

  get size(): number {
    return this.#cursors.size;
  }

  /** @param keepsUnused whether it lives on when nobody asks it for long */
  open(cursor: Omit<Cursor, 'id'>, keepsUnused: boolean): bigint {
    const id = randomBytes(8).readBigUInt64BE() >> 1n || 1n;
    this.#cursors.set(id, { ...cursor, id, keepsUnused, lastUse: performance.now(), inUse: false });
    return id;
  }

  /**
   * Asks the cursor something and closes it when it has ended or failed.
   * @throws {MongoDBError} CursorNotFound, Unauthorized for another session's cursor
   */
  async use(
    id: bigint,
    namespace: string,
    session: string | undefined,
    ask: (cursor: Cursor) => Promise<Batch>,
  ): Promise<Batch> {
    // prettier-ignore
    const cursor = this.#cursors.get(id);
    if (!cursor) throw new MongoDBError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoDBError('Unauthorized', `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`); // prettier-ignore
    }
    if (cursor.session !== session) {
      throw new MongoDBError(50738, `Cannot run getMore on cursor ${id}, which was created in another session`);
    }
    if (cursor.inUse) throw new MongoDBError('CursorInUse', `cursor id ${id} is already in use`);
    cursor.inUse = true;
    try {
      const batch = await ask(cursor);
      if (batch.ended) this.#cursors.delete(id);
      return batch;
    } catch (error) {
      this.#cursors.delete(id);
      throw error;
    } finally {
      cursor.inUse = false;
      cursor.lastUse = performance.now();
    }
  }

  /** @returns whether there was such a cursor */
  kill(id: bigint, namespace: string): boolean {
    return this.#cursors.get(id)?.namespace === namespace && this.#cursors.delete(id);
  }

  killOf(session: string): void {
    for (const cursor of this.#cursors.values()) if (cursor.session === session) this.#cursors.delete(cursor.id);
  }

  /** Closes those that nobody has asked for long. */
  killUnused(): void {
    const latest = performance.now() - CURSOR_TIMEOUT_MS;
    for (const { id, inUse, keepsUnused, lastUse } of this.#cursors.values()) {
      if (!inUse && !keepsUnused && lastUse < latest) this.#cursors.delete(id);
    }
  }
}
