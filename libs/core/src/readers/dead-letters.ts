import { inspect } from 'node:util';
import { deterministicId } from '../events/deterministic-id.js';
import type { JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
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

/** What readers have set aside: operators look here, and ask for another try or for leaving an event out. */
export class DeadLetters {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<DeadLetters> {
    return new DeadLetters(await documents.collection('gesta.dead-letters', { indexes: [{ reader: 1 }] }));
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

  async get(id: string): Promise<DeadLetter | undefined> {
    return (await this.collection.get([id])).get(id)?.body as unknown as DeadLetter | undefined;
  }

  /**
   * Asks the reader to take the waiting events of the key again, the first one included. The reader does it soon, in
   * whatever process it runs; when the event fails again, the letter is kept with the new error.
   * @throws {NoSuchDeadLetter}
   */
  retry(id: string): Promise<void> {
    return this.request(id, 'retry');
  }

  /**
   * Asks the reader to leave the event out for good and to take those that wait behind it.
   * @throws {NoSuchDeadLetter}
   */
  skip(id: string): Promise<void> {
    return this.request(id, 'skip');
  }

  private async request(id: string, requested: 'retry' | 'skip'): Promise<void> {
    const letter = await this.change(id, (before) => before && { ...before, requested });
    if (!letter) throw new NoSuchDeadLetter(`There is no dead letter ${id}`);
  }

  /**
   * Sets a key or a stream aside, or keeps it aside with a new error.
   * @param parked.event the first event that waits, as it is in the log
   */
  async park(
    { reader, kind, key, event }: { reader: string; kind: DeadLetter['kind']; key: string; event: RecordedEvent },
    checkpoint: Checkpoint | undefined,
    failure: { error: unknown; attempts: number },
  ): Promise<DeadLetter> {
    const id = deterministicId(reader, kind, key);
    const { type, version, streamId, revision, data } = event;
    const error = failure.error instanceof Error ? failure.error : new Error(inspect(failure.error));
    const letter = await this.change(id, (before) => ({
      id,
      reader,
      kind,
      key,
      position: event.position.toString(),
      ...(checkpoint !== undefined && { checkpoint }),
      event: { id: event.id, type, version, streamId, revision, recordedAt: event.recordedAt.toISOString(), data },
      error: { name: error.name, message: error.message, ...(error.stack !== undefined && { stack: error.stack }) },
      attempts: failure.attempts + (before?.attempts ?? 0),
      parkedAt: new Date().toISOString(),
    }));
    return letter!;
  }

  /**
   * The events before the position, the one that was skipped among them, were taken; what waits behind them is still to
   * be tried.
   * @returns the letter as it is now; `undefined` where there is none any more
   */
  async moveOn(id: string, position: bigint, checkpoint: Checkpoint | undefined): Promise<DeadLetter | undefined> {
    return this.change(
      id,
      (before) => before && { ...before, position: position.toString(), checkpoint, requested: 'retry' },
    );
  }

  /** Takes the letter away: its key goes on. */
  async remove(id: string): Promise<void> {
    await this.change(id, () => undefined);
  }

  private async change(
    id: string,
    change: (before: DeadLetter | undefined) => DeadLetter | undefined,
  ): Promise<DeadLetter | undefined> {
    for (;;) {
      const stored = (await this.collection.get([id])).get(id);
      const before = stored?.body as unknown as DeadLetter | undefined;
      const letter = change(before);
      if (!before && !letter) return undefined;
      const body = letter as unknown as JsonObject | undefined;
      const refused = await this.collection.put([{ key: id, version: (stored?.version ?? 0n) + 1n, body }]);
      if (refused.length === 0) return letter; // else somebody changed it meanwhile: look again
    }
  }
}
