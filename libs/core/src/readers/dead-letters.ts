import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { deterministicId } from '../events/deterministic-id.js';
import type { JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { DocumentCollection, DocumentStore, Filter, StoredDocument } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';
import { FencedOff, Fences, type Fence } from './fences.js';

/** Something that a reader could not take, parked for an operator. Later events of its key wait behind it. */
export interface DeadLetter {
  readonly id: string;
  /** The reader's name, such as `projection.order-summary.v1.g1`. */
  readonly reader: string;
  /** Whether a key of the reader is parked, or a whole stream because its events' keys could not be told. */
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
  /** The event itself was taken; what waits behind it is still to be tried. */
  readonly moved?: boolean;
  /** Of the reader's owner that wrote or adopted it; absent where an earlier version of this library wrote it. */
  readonly epoch?: number;
}

/** No dead letter has the id, or it is about another event by now. */
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
  /** It is to be taken again without an operator asking: what came of it is not known yet. */
  readonly isUnderWay?: true;
}

/** One letter's id, or several. */
type Ids = string | readonly string[];

/** What an operator has seen of a letter. A letter of the same id may be about a later event of its key by now. */
export type SeenLetter = Pick<DeadLetter, 'id'> & { readonly event: Pick<DeadLetter['event'], 'id'> };

/**
 * What operators mean: letters as they have seen them, by which only the events that these were about are meant; or ids,
 * which mean whatever is parked under them at the time of the call.
 */
export type LettersMeant = string | SeenLetter | readonly (string | SeenLetter)[];

/** Which letters. */
interface LettersAsked {
  /** Only those of this reader. */
  readonly reader?: string;
  /** Only those whose ids come behind this one. */
  readonly after?: string;
}

/** How many letters are read and written at once: what a store in this process takes for them holds up everything else. */
const CHUNK = 200;

/**
 * What readers have parked: operators look here, and ask for another try or for leaving an event out.
 *
 * A letter bears the epoch of its owner, who adopts those of the owners before. One that a former owner wrote too late
 * bears an epoch from before the present owner's fence: it is void, as if it were not there.
 */
export class DeadLetters {
  private constructor(
    private readonly collection: DocumentCollection,
    private readonly fences: Fences,
  ) {}

  static async open(documents: DocumentStore): Promise<DeadLetters> {
    const indexes = [
      { reader: 1 }, // a reader's letters in the order of their keys, so that a portion costs what is in it
      { reader: 1, requested: 1 },
      { reader: 1, epoch: 1 },
    ] as const;
    const collection = await documents.collection('gesta.dead-letters', { indexes });
    return new DeadLetters(collection, await Fences.open(documents));
  }

  /**
   * Those that there are, all of them in memory unless there is a limit: for many there is `pages`.
   * @param options.limit the most to give; all when absent
   * @param options.after only those whose ids come behind this one
   */
  async list({ limit = Infinity, ...options }: LettersAsked & { limit?: number } = {}): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    if (limit === 0) return letters;
    for await (const page of this.pages(options, Math.min(limit, CHUNK))) {
      for (const letter of page) if (letters.length < limit) letters.push(letter);
      if (letters.length >= limit) break;
    }
    return letters;
  }

  /**
   * The same a portion at a time, in the order of the ids, so that there may be any number. One that stays is met once,
   * whatever comes or goes meanwhile.
   * @param size of a portion; there may be less in one
   */
  pages({ reader, after }: LettersAsked = {}, size = CHUNK): AsyncGenerator<readonly DeadLetter[]> {
    return this.pagesOf(reader === undefined ? {} : { reader }, reader, size, after);
  }

  private async *pagesOf(
    filter: Filter,
    reader: string | undefined,
    size: number,
    after?: string,
  ): AsyncGenerator<readonly DeadLetter[]> {
    for (let last = after; ;) {
      // Before the letters are looked up: those that are adopted meanwhile are none of a former owner.
      const raised = reader === undefined ? await this.fences.all() : await this.fences.ofAll([reader]);
      const found = await this.collection.find(filter, { limit: size, ...(last !== undefined && { after: last }) });
      const letters = standing(found, raised);
      if (letters.length > 0) yield letters;
      if (found.length < size) return;
      last = found.at(-1)!.key;
      await letOthersIn();
    }
  }

  /** How many there are of the reader. */
  async count(reader: string): Promise<number> {
    const raised = await this.fences.of(reader);
    const all = await this.collection.count({ reader });
    if (all === 0 || !raised) return all;
    return all - (await this.collection.count({ reader, epoch: { $lt: Number(raised.epoch) } }));
  }

  /** How many there are of the reader, with those that are void. */
  async countAll(reader: string): Promise<number> {
    return this.collection.count({ reader });
  }

  /** Those of the reader for which an operator has asked something that is not done yet, a portion at a time. */
  requested(reader: string): AsyncGenerator<readonly DeadLetter[]> {
    return this.pagesOf({ reader, requested: { $in: ['retry', 'skip'] } }, reader, CHUNK);
  }

  /** Whether there is one of the reader for which an operator has asked something that is not done yet. */
  async isAsked(reader: string): Promise<boolean> {
    for await (const page of this.requested(reader)) if (page.length > 0) return true;
    return false;
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    return (await this.getAll([id])).get(id);
  }

  /** Those that there are of the ids, by id. */
  async getAll(ids: readonly string[]): Promise<Map<string, DeadLetter>> {
    const readers = new Set<string>();
    for (const { body } of (await this.collection.get(ids)).values()) if (body) readers.add(body.reader as string);
    if (readers.size === 0) return new Map();
    const raised = await this.fences.ofAll([...readers]);
    const found = await this.collection.get(ids); // again, as it is behind the fences
    return new Map(standing(found.values(), raised).map((letter) => [letter.id, letter]));
  }

  /**
   * Takes over what the owners before have parked, a portion at a time, so that they cannot change it any more; what is
   * void is cleared away. To be done before the fence is raised, and after it is known where the reader is.
   * @throws {FencedOff} when a later owner has done so
   */
  async *adopt(reader: string, epoch: bigint): AsyncGenerator<readonly DeadLetter[]> {
    const raised = await this.fences.of(reader);
    for (let last = ''; ;) {
      const found = await this.collection.find({ reader }, { after: last, limit: CHUNK });
      if (found.length === 0) return;
      last = found.at(-1)!.key;
      const ids = found.map(({ key }) => key);
      const adopted = await this.change(ids, (_, before) => {
        if (!before) return undefined;
        if ((before.epoch ?? 0) > epoch) throw new FencedOff(reader, epoch, BigInt(before.epoch!));
        return isVoid(before, raised) ? undefined : { ...before, epoch: Number(epoch) };
      });
      yield there(adopted);
      if (found.length < CHUNK) return;
      await letOthersIn();
    }
  }

  /** Clears away what former owners have written too late. */
  async clearVoid(reader: string, epoch: bigint): Promise<void> {
    for (let last = ''; ;) {
      const late = { reader, epoch: { $lt: Number(epoch) } };
      const found = await this.collection.find(late, { after: last, limit: CHUNK });
      const ids = found.map(({ key }) => key);
      await this.remove(ids, epoch);
      if (found.length < CHUNK) return;
      last = ids.at(-1)!;
      await letOthersIn();
    }
  }

  /**
   * Asks the reader to take the waiting events of the key again, the first one included. The reader does it soon, in
   * whatever process it runs, for all that are asked together on one way through the log; when an event fails again, the
   * letter is kept with the new error.
   * @throws {NoSuchDeadLetter} when there is none with one of the ids, or it is about another event; it is asked for all the
   * others
   */
  retry(letters: LettersMeant): Promise<void> {
    return this.request(letters, 'retry');
  }

  /**
   * Asks the reader to leave the event out for good and to take those that wait behind it. Where the event itself was taken
   * meanwhile, nothing is left out.
   * @throws {NoSuchDeadLetter} when there is none with one of the ids, or it is about another event; it is asked for all the
   * others
   */
  skip(letters: LettersMeant): Promise<void> {
    return this.request(letters, 'skip');
  }

  private async request(meant: LettersMeant, requested: 'retry' | 'skip'): Promise<void> {
    const seen = new Map(
      [meant].flat().map((one) => (typeof one === 'string' ? [one, undefined] : [one.id, one.event.id])),
    );
    const missing: string[] = [];
    const others: string[] = [];
    for (const some of inChunks([...seen.keys()])) {
      const all = await this.getAll(some);
      const isMeant = (id: string, { event }: DeadLetter) => event.id === (seen.get(id) ?? all.get(id)?.event.id);
      const letters = await this.change(some, (id, before) => {
        if (!before || !all.has(id) || !isMeant(id, before)) return before && AS_IT_IS;
        // What is asked already takes what waits behind the event, which was taken.
        return before.moved && before.requested ? AS_IT_IS : { ...before, requested };
      });
      for (const [id, letter] of letters) {
        if (!letter || !all.has(id)) missing.push(id);
        else if (!isMeant(id, letter)) others.push(id);
      }
    }
    const problems = [
      ...(missing.length > 0 ? [`There is no dead letter ${missing.join(', ')}`] : []),
      ...(others.length > 0 ? [`Another event is parked by now under ${others.join(', ')}: look at it again`] : []),
    ];
    if (problems.length > 0) throw new NoSuchDeadLetter(problems.join('. '));
  }

  /**
   * Parks keys or streams of the reader, or keeps them parked with a new error.
   * @param unfit at most one a key
   * @param checkpoint from where the events are read again
   * @param epoch of the reader's owner
   * @throws {FencedOff} when a later owner has taken over: nothing is parked by it
   */
  async park(
    reader: string,
    kind: DeadLetter['kind'],
    unfit: readonly Unfit[],
    checkpoint: Checkpoint | undefined,
    epoch?: bigint,
  ): Promise<DeadLetter[]> {
    const byId = new Map(unfit.map((each) => [deterministicId(reader, kind, each.key), each]));
    const added: StoredDocument[] = [];
    const parked = (id: string, before: DeadLetter | undefined): DeadLetter => {
      const { key, event, error, attempts, isUnderWay } = byId.get(id)!;
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
        ...(isUnderWay && { requested: 'retry' }),
      };
    };
    const letters = await this.change([...byId.keys()], parked, { epoch, added });
    const raised = epoch === undefined ? undefined : await this.fences.of(reader);
    if (epoch === undefined || !raised || raised.epoch <= epoch) return there(letters);
    // Void, or adopted: then the later owner's version stands.
    await this.collection.put(added.map(({ key, version }) => ({ key, version: version + 1n, body: undefined })));
    throw new FencedOff(reader, epoch, raised.epoch);
  }

  /**
   * The events before the position, those that were skipped among them, were taken; what waits behind them is still to
   * be tried.
   * @returns the letters as they are now, those that there still are
   * @throws {FencedOff} when a later owner has taken over
   */
  async moveOn(ids: Ids, position: bigint, checkpoint: Checkpoint | undefined, epoch?: bigint): Promise<DeadLetter[]> {
    const moved = { position: position.toString(), checkpoint, requested: 'retry', moved: true } as const;
    return there(await this.change(ids, (_, before) => before && { ...before, ...moved }, { epoch }));
  }

  /**
   * Takes the letters away: their keys go on.
   * @throws {FencedOff} when a later owner has taken over
   */
  async remove(ids: Ids, epoch?: bigint): Promise<void> {
    await this.change(ids, () => undefined, { epoch });
  }

  /**
   * @param options.epoch of the owner that does it; absent for operators
   * @param options.added is given what was not there before
   * @returns the letters as they are then, by id
   */
  private async change(
    ids: Ids,
    change: (id: string, before: DeadLetter | undefined) => DeadLetter | typeof AS_IT_IS | undefined,
    { epoch, added }: { epoch?: bigint | undefined; added?: StoredDocument[] } = {},
  ): Promise<Map<string, DeadLetter | undefined>> {
    const letters = new Map<string, DeadLetter | undefined>();
    for (const chunk of inChunks([ids].flat())) {
      let left = chunk;
      while (left.length > 0) {
        const stored = await this.collection.get(left);
        const changed: StoredDocument[] = [];
        const fresh = new Set<string>();
        for (const id of left) {
          const { version = 0n, body } = stored.get(id) ?? {};
          const found = body as unknown as DeadLetter | undefined;
          const before = found && epoch !== undefined ? ownedBy(epoch, found) : found;
          const after = change(id, before);
          if (after === AS_IT_IS) {
            letters.set(id, before);
            continue;
          }
          const letter = after && epoch !== undefined ? { ...after, epoch: Number(epoch) } : after;
          letters.set(id, letter);
          if (!before) fresh.add(id);
          if (body || letter)
            changed.push({ key: id, version: version + 1n, body: letter as unknown as JsonObject | undefined });
        }
        left = changed.length > 0 ? await this.collection.put(changed) : []; // those that somebody changed meanwhile
        const refused = new Set(left);
        added?.push(...changed.filter(({ key }) => fresh.has(key) && !refused.has(key)));
      }
      if (chunk.length === CHUNK) await letOthersIn();
    }
    return letters;
  }
}

function* inChunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += CHUNK) yield ids.slice(start, start + CHUNK);
}

/** Between two portions: a store in this process answers without a turn of the event loop. */
const letOthersIn = () => nextTurn(undefined);

/** What is asked of a letter does not change it. */
const AS_IT_IS = Symbol('as it is');

/**
 * The letter, unless it is void for its reader's owner, who has adopted all that were before.
 * @throws {FencedOff} when a later owner has the letter
 */
function ownedBy(epoch: bigint, letter: DeadLetter): DeadLetter | undefined {
  if (letter.epoch === undefined) return letter;
  if (letter.epoch > epoch) throw new FencedOff(letter.reader, epoch, BigInt(letter.epoch));
  return letter.epoch < epoch ? undefined : letter;
}

function isVoid({ epoch }: DeadLetter, raised: Fence | undefined): boolean {
  return epoch !== undefined && raised !== undefined && epoch < raised.epoch;
}

/** Those that are not void. */
function standing(stored: Iterable<StoredDocument>, raised: ReadonlyMap<string, Fence>): DeadLetter[] {
  const letters: DeadLetter[] = [];
  for (const { body } of stored) {
    const letter = body as unknown as DeadLetter | undefined;
    if (letter && !isVoid(letter, raised.get(letter.reader))) letters.push(letter);
  }
  return letters;
}

function there(letters: ReadonlyMap<string, DeadLetter | undefined>): DeadLetter[] {
  return [...letters.values()].filter((letter) => letter !== undefined);
}

function inWords(thrown: unknown): DeadLetter['error'] {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(inspect(thrown));
  return { name, message, ...(stack !== undefined && { stack }) };
}
