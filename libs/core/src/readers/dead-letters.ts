import { inspect } from 'node:util';
import { deterministicId } from '../events/deterministic-id.js';
import type { JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';

/** Something that a reader could not take, set aside for an operator. Later events of its key wait behind it. */
export interface DeadLetter {
  readonly id: string;
  /** The reader's name, such as `projection.order-summary.v1.g1`. */
  readonly reader: string;
  /** Whether a key of the reader is set aside, or a whole stream because its events' keys could not be told. */
  readonly kind: 'key' | 'stream';
  /** The key, or the stream's id. */
  readonly key: string;
  /** Where the first event that waits is in the log, as a decimal number. */
  readonly position: string;
  /** From where the waiting events are read again; absent for the beginning of the log. */
  readonly checkpoint?: Checkpoint;
  /** The event as it is in the log. */
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly version: number;
    readonly streamId: string;
    readonly revision: number;
    readonly recordedAt: string;
    readonly data: JsonObject;
  };
  readonly error: { readonly name: string; readonly message: string; readonly stack?: string };
  readonly attempts: number;
  readonly parkedAt: string;
  /** What an operator has asked for and the reader has not done yet. */
  readonly requested?: 'retry' | 'skip';
}

/** No dead letter has the id. */
export class NoSuchDeadLetter extends Error {
  override readonly name = 'NoSuchDeadLetter';
}

/** Something that could not be taken for a key, or of a stream. */
export interface Unfit {
  /** The key, or the stream's id. */
  readonly key: string;
  /** The first event that waits, as it is in the log. */
  readonly event: RecordedEvent;
  readonly error: unknown;
  readonly attempts: number;
}

/** One letter's id, or several. */
type Ids = string | readonly string[];

/** How many letters are read and written at once. */
const CHUNK = 500;

/** What readers have set aside: operators look here, and ask for another try or for leaving an event out. */
export class DeadLetters {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<DeadLetters> {
    const indexes = [{ reader: 1, requested: 1 }] as const;
    return new DeadLetters(await documents.collection('gesta.dead-letters', { indexes }));
  }

  /** @param options.limit the most to give; all when absent */
  async list(options: { reader?: string; limit?: number } = {}): Promise<DeadLetter[]> {
    const { reader, limit } = options;
    const found = await this.collection.find(
      reader === undefined ? {} : { reader },
      limit === undefined ? {} : { limit },
    );
    return found.map(({ body }) => body as unknown as DeadLetter);
  }

  /** How many there are of the reader. */
  async count(reader: string): Promise<number> {
    return this.collection.count({ reader });
  }

  /** Those of the reader for which an operator has asked something that is not done yet. */
  async requested(reader: string): Promise<DeadLetter[]> {
    const found = await this.collection.find({ reader, requested: { $in: ['retry', 'skip'] } });
    return found.map(({ body }) => body as unknown as DeadLetter);
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    return (await this.getAll([id])).get(id);
  }

  /** Those that there are of the ids, by id. */
  async getAll(ids: readonly string[]): Promise<Map<string, DeadLetter>> {
    const letters = new Map<string, DeadLetter>();
    for (const [id, { body }] of await this.collection.get(ids)) {
      if (body) letters.set(id, body as unknown as DeadLetter);
    }
    return letters;
  }

  /**
   * Asks the reader to take the waiting events of the key again, the first one included. The reader does it soon, in
   * whatever process it runs, for all that are asked together on one way through the log; when an event fails again, the
   * letter is kept with the new error.
   * @throws {NoSuchDeadLetter} when there is none with one of the ids; it is asked for all the others
   */
  retry(ids: Ids): Promise<void> {
    return this.request(ids, 'retry');
  }

  /**
   * Asks the reader to leave the event out for good and to take those that wait behind it.
   * @throws {NoSuchDeadLetter} when there is none with one of the ids; it is asked for all the others
   */
  skip(ids: Ids): Promise<void> {
    return this.request(ids, 'skip');
  }

  private async request(ids: Ids, requested: 'retry' | 'skip'): Promise<void> {
    const letters = await this.change(ids, (_, before) => before && { ...before, requested });
    const missing = [...letters].flatMap(([id, letter]) => (letter ? [] : [id]));
    if (missing.length > 0) throw new NoSuchDeadLetter(`There is no dead letter ${missing.join(', ')}`);
  }

  /**
   * Sets keys or streams of the reader aside, or keeps them aside with a new error.
   * @param unfit at most one a key
   * @param checkpoint from where the events are read again
   */
  async park(
    reader: string,
    kind: DeadLetter['kind'],
    unfit: readonly Unfit[],
    checkpoint: Checkpoint | undefined,
  ): Promise<DeadLetter[]> {
    const byId = new Map(unfit.map((each) => [deterministicId(reader, kind, each.key), each]));
    const letters = await this.change([...byId.keys()], (id, before): DeadLetter => {
      const { key, event, error, attempts } = byId.get(id)!;
      const { type, version, streamId, revision, data } = event;
      return {
        id,
        reader,
        kind,
        key,
        position: event.position.toString(),
        ...(checkpoint !== undefined && { checkpoint }),
        event: { id: event.id, type, version, streamId, revision, recordedAt: event.recordedAt.toISOString(), data },
        error: inWords(error),
        attempts: attempts + (before?.attempts ?? 0),
        parkedAt: new Date().toISOString(),
      };
    });
    return there(letters);
  }

  /**
   * The events before the position, those that were skipped among them, were taken; what waits behind them is still to
   * be tried.
   * @returns the letters as they are now, those that there still are
   */
  async moveOn(ids: Ids, position: bigint, checkpoint: Checkpoint | undefined): Promise<DeadLetter[]> {
    const moved = { position: position.toString(), checkpoint, requested: 'retry' } as const;
    return there(await this.change(ids, (_, before) => before && { ...before, ...moved }));
  }

  /** Takes the letters away: their keys go on. */
  async remove(ids: Ids): Promise<void> {
    await this.change(ids, () => undefined);
  }

  /** @returns the letters as they are then, by id */
  private async change(
    ids: Ids,
    change: (id: string, before: DeadLetter | undefined) => DeadLetter | undefined,
  ): Promise<Map<string, DeadLetter | undefined>> {
    const all = [ids].flat();
    const letters = new Map<string, DeadLetter | undefined>();
    for (let start = 0; start < all.length; start += CHUNK) {
      let left: readonly string[] = all.slice(start, start + CHUNK);
      while (left.length > 0) {
        const stored = await this.collection.get(left);
        const changed: StoredDocument[] = [];
        for (const id of left) {
          const { version = 0n, body } = stored.get(id) ?? {};
          const letter = change(id, body as unknown as DeadLetter | undefined);
          letters.set(id, letter);
          if (body || letter)
            changed.push({ key: id, version: version + 1n, body: letter as unknown as JsonObject | undefined });
        }
        left = changed.length > 0 ? await this.collection.put(changed) : []; // those that somebody changed meanwhile
      }
    }
    return letters;
  }
}

function there(letters: ReadonlyMap<string, DeadLetter | undefined>): DeadLetter[] {
  return [...letters.values()].filter((letter) => letter !== undefined);
}

function inWords(thrown: unknown): DeadLetter['error'] {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(inspect(thrown));
  return { name, message, ...(stack !== undefined && { stack }) };
}
