import type { DocumentCollection, DocumentStore, JsonObject, StoredDocument } from '@gesta/core';

/** The answer to a request, as it is given again. */
export interface KeptAnswer {
  readonly status: number;
  /** The `Location` header. */
  readonly location?: string | undefined;
  /** The body as JSON; absent where there was none. */
  readonly body?: string | undefined;
  /** Whether the domain refused: the body is a problem then. */
  readonly refused: boolean;
}

/** How a request ended. */
export interface Outcome {
  readonly answer: KeptAnswer;
  /** Ends it as its handler did; absent where the answer was there before. */
  readonly original?: () => unknown;
}

interface InProgress {
  readonly fingerprint: string;
  readonly outcome: Promise<Outcome>;
}

/** Stands for a request that was begun; its answer is kept by it. */
export interface Ticket {
  readonly id: string;
  readonly fingerprint: string;
  readonly collection: DocumentCollection;
  readonly version: bigint;
}

/** What is known of a request: that another one had its key, what was answered, or nothing yet. */
export type Begun =
  | { readonly kind: 'other' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  | { readonly kind: 'begun'; readonly ticket: Ticket };

interface RecordBody {
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  readonly answer?: KeptAnswer;
  /** The request came to nothing, and its key is free again. */
  readonly released?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const COLLECTION = 'gesta.idempotency.';

/**
 * Requests with an idempotency key, and their answers. A record is written when the request begins and again, in a later
 * version, with its answer, so that the first answer stays.
 *
 * A record counts for 24 hours. Each day has a collection of its own; whoever writes the first record of a day drops
 * those of the days before the day before, so that what is kept is bounded.
 */
export class IdempotencyRecords {
  /** Requests being answered by this process, by id. */
  private readonly inHand = new Map<string, InProgress>();
  private readonly opened = new Map<string, Promise<DocumentCollection>>();

  constructor(
    private readonly documents: DocumentStore,
    private readonly now: () => Date,
  ) {}

  /** The request with that id which is being answered here. */
  inProgress(id: string): InProgress | undefined {
    return this.inHand.get(id);
  }

  /** Lets repeats of the request wait for its outcome while there is none. */
  async whileInProgress(id: string, fingerprint: string, outcome: Promise<Outcome>): Promise<Outcome> {
    this.inHand.set(id, { fingerprint, outcome });
    try {
      return await outcome;
    } finally {
      this.inHand.delete(id);
    }
  }

  /**
   * Notes that the request begins, unless it was answered. One that was begun and never answered begins again.
   * @throws {StoreUnavailable}
   */
  async begin(id: string, fingerprint: string): Promise<Begun> {
    const at = this.now().getTime();
    const today = await this.ofDay(at);
    for (;;) {
      const stored = await this.stored(id, at);
      const known = stored && valid(stored.document, at);
      if (known) {
        if (known.fingerprint !== fingerprint) return { kind: 'other' };
        if (known.answer) return { kind: 'answered', answer: known.answer };
        return begun(id, fingerprint, stored.collection, stored.document.version);
      }
      const version = stored?.collection === today ? stored.document.version + 1n : 1n;
      const refused = await today.put([{ key: id, version, body: bodyOf({ fingerprint, begunAt: at }) }]);
      if (refused.length === 0) return begun(id, fingerprint, today, version);
      // Somebody else began it in between: look again.
    }
  }

  /** Keeps the answer and returns the one that is kept, which is another's where that was first. */
  async keep({ id, fingerprint, collection, version }: Ticket, answer: KeptAnswer): Promise<KeptAnswer> {
    const body = bodyOf({ fingerprint, begunAt: this.now().getTime(), answer });
    const refused = await collection.put([{ key: id, version: version + 1n, body }]);
    if (refused.length === 0) return answer;
    const first = (await collection.get([id])).get(id)?.body as RecordBody | undefined;
    return first?.answer ?? answer;
  }

  /** The request came to nothing: its key may be used for another one. */
  async release({ id, fingerprint, collection, version }: Ticket): Promise<void> {
    const body = bodyOf({ fingerprint, begunAt: this.now().getTime(), released: true });
    await collection.put([{ key: id, version: version + 1n, body }]);
  }

  /** The record, of today or of yesterday. */
  private async stored(id: string, at: number) {
    for (const day of [at, at - DAY_MS]) {
      const collection = await this.ofDay(day);
      const document = (await collection.get([id])).get(id);
      if (document) return { collection, document };
    }
    return undefined;
  }

  private async ofDay(at: number): Promise<DocumentCollection> {
    const name = collectionOfDay(at);
    let opening = this.opened.get(name);
    if (!opening) {
      opening = this.open(name);
      this.opened.set(name, opening);
      opening.catch(() => this.opened.delete(name));
    }
    return opening;
  }

  private async open(name: string): Promise<DocumentCollection> {
    const collection = await this.documents.collection(name);
    const yesterday = collectionOfDay(this.now().getTime() - DAY_MS);
    const old = (await this.documents.collections()).filter(
      (other) => other.startsWith(COLLECTION) && other < yesterday,
    );
    for (const other of old) {
      this.opened.delete(other);
      await this.documents.drop(other);
    }
    return collection;
  }
}

function begun(id: string, fingerprint: string, collection: DocumentCollection, version: bigint): Begun {
  return { kind: 'begun', ticket: { id, fingerprint, collection, version } };
}

function valid({ body }: StoredDocument, at: number): RecordBody | undefined {
  const record = body as RecordBody | undefined;
  return record && !record.released && at - record.begunAt < DAY_MS ? record : undefined;
}

function bodyOf(record: RecordBody): JsonObject {
  return { ...record } as unknown as JsonObject;
}

/** By name, days are in order. */
function collectionOfDay(at: number): string {
  return COLLECTION + new Date(at).toISOString().slice(0, 10);
}
