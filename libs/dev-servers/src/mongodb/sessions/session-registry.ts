import { Binary } from 'bson';
import { isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';

/** How long a session that nobody uses is kept, in minutes. */
export const SESSION_TIMEOUT_MINUTES = 30;

/** The sessions that clients have begun; all there is to a session here is that its cursors end with it. */
export class SessionRegistry {
  readonly #lastUse = new Map<string, number>();

  /** @param ended is told of each session that ends */
  constructor(private readonly ended: (session: string) => void) {}

  get size(): number {
    return this.#lastUse.size;
  }

  /** Notes that the session is in use; one that is not known begins. */
  use(session: string): void {
    this.#lastUse.delete(session); // the longest unused comes first
    this.#lastUse.set(session, performance.now());
  }

  end(session: string): void {
    if (this.#lastUse.delete(session)) this.ended(session);
  }

  endAll(): void {
    for (const session of [...this.#lastUse.keys()]) this.end(session);
  }

  /** Ends those that nobody has used for long. */
  endUnused(): void {
    const latest = performance.now() - SESSION_TIMEOUT_MINUTES * 60_000;
    for (const [session, lastUse] of this.#lastUse) {
      if (lastUse >= latest) return;
      this.end(session);
    }
  }
}

/**
 * What tells a session from others, of an `lsid` such as `{ id: UUID }`.
 * @throws {MongoDBError} when it is something else
 */
export function sessionId(lsid: unknown): string {
  const id = isDocument(lsid) ? lsid.id : undefined;
  if (id instanceof Binary && id.sub_type === Binary.SUBTYPE_UUID) return id.toString('hex');
  throw new MongoDBError('TypeMismatch', "BSON field 'OperationSessionInfo.lsid.id' is missing or no UUID");
}
