import { setTimeout as delay } from 'node:timers/promises';
import {
  holderHere,
  isGone,
  type DocumentCollection,
  type DocumentStore,
  type EventAt,
  type Holder,
  type JsonObject,
  type StoredDocument,
} from '@gesta/core';
import type { AnswerPlace, RecordedLog } from './recorded-log.js';
import { RequestInProgress } from './request-in-progress.js';

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

/** Stands for a request that was begun here; its answer is kept by it. */
export interface Ticket {
  readonly id: string;
  readonly fingerprint: string;
  readonly collection: DocumentCollection;
  /** The record's version that is ours; it moves on while the request is carried out. */
  version: bigint;
  /** Stops showing that somebody is carrying it out. */
  readonly stop: () => Promise<void>;
}

/** What is known of a request: that another one had its key, what was answered, or nothing yet, so that it begins. */
export type Begun =
  | { readonly kind: 'other' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  | { readonly kind: 'begun'; readonly ticket: Ticket };

interface RecordBody {
  readonly fingerprint: string;
  readonly answer?: KeptAnswer;
  /** Of the log that the answer speaks of; absent in records of older versions, which are believed. */
  readonly place?: AnswerPlace;
  /** Who is carrying it out; absent where nobody is, and in records of older versions. */
  readonly holder?: Holder;
  /** The request came to nothing, and its key is free again. */
  readonly released?: boolean;
}

interface Found {
  readonly collection: DocumentCollection;
  readonly version: bigint;
  readonly record: RecordBody;
}

export interface RecordsOptions {
  /** After how long without a sign of life another process carries a request out again; 10,000 when absent. */
  readonly ttlMs?: number;
  /** How long a repeat waits for an answer that another process is about to give; 15,000 when absent. */
  readonly patienceMs?: number;
  /** How many requests are remembered at least; 100,000 when absent. */
  readonly remembered?: number;
}

const NAME = 'gesta.idempotency';
const PART = `${NAME}.part-`;
/** Older versions kept records by days. */
const OF_A_DAY = /^gesta\.idempotency\.\d{4}-\d\d-\d\d$/;

/**
 * Requests with an idempotency key, and their answers. One process carries a request out at a time: it notes that in the
 * request's record by a conditional write, shows that it is alive by moving the record's version on, and writes the answer
 * there. Others wait for that. Where nothing moves for a while, measured by whoever waits, the next one takes over.
 *
 * No clock says how long a record counts, only how many came after it. They are in parts of so many; where one is full
 * the next begins, and the one before the full one is dropped.
 */
export class IdempotencyRecords {
  /** Requests being answered by this process, by id. */
  private readonly inHand = new Map<string, InProgress>();
  private readonly opened = new Map<string, Promise<DocumentCollection>>();
  private readonly me: Holder;
  private readonly patienceMs: number;
  private readonly remembered: number;
  private ofDays: Promise<DocumentCollection[]> | undefined;
  private begunHere = 0;

  constructor(
    private readonly documents: DocumentStore,
    { ttlMs = 10_000, patienceMs = 15_000, remembered = 100_000 }: RecordsOptions = {},
    /** Without it, every answer is believed. */
    private readonly log?: RecordedLog,
  ) {
    this.me = holderHere(ttlMs);
    this.patienceMs = patienceMs;
    this.remembered = remembered;
  }

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
   * Notes that the request begins, unless it was answered. What was answered of a log that is gone, or was put back to
   * before that, counts no more. One that was begun and whose process is gone, or failed, begins
   * again.
   * @throws {RequestInProgress} when another process has been carrying it out for too long to wait for
   * @throws {StoreUnavailable}
   */
  async begin(id: string, fingerprint: string): Promise<Begun> {
    let watched: { version: bigint; since: number } | undefined;
    for (const end = performance.now() + this.patienceMs; ;) {
      const part = await this.currentPart();
      const found = await this.find(id, part);
      const { record } = found ?? {};
      const isGoneWithItsLog = record?.place && this.log && !(await this.log.has(record.place));
      if (record && !record.released && !isGoneWithItsLog) {
        if (record.fingerprint !== fingerprint) return { kind: 'other' };
        if (record.answer) return { kind: 'answered', answer: record.answer };
        const { version } = found!;
        if (watched?.version !== version) watched = { version, since: performance.now() };
        if (this.isAlive(record.holder, watched.since)) {
          if (performance.now() >= end) throw new RequestInProgress();
          await delay(Math.min(100, this.me.ttlMs / 8));
          continue;
        }
      }
      // Where a record is, there it goes on, so that whoever stood still finds out; only those of older versions move.
      const known = found?.collection.name.startsWith(PART) ? found : undefined;
      const collection = known?.collection ?? (await this.part(part));
      const version = (known?.version ?? 0n) + 1n;
      const refused = await collection.put([{ key: id, version, body: bodyOf({ fingerprint, holder: this.me }) }]);
      if (refused.length > 0) continue; // somebody else began it in between
      if ((await this.currentPart()) !== part) {
        // Whoever begins it in the next part may not have seen this: it is free there, or theirs.
        await collection.put([{ key: id, version: version + 1n, body: bodyOf({ fingerprint, released: true }) }]);
        continue;
      }
      await this.makeRoom(part, collection);
      return { kind: 'begun', ticket: this.ticket(id, fingerprint, collection, version) };
    }
  }

  /**
   * Keeps the answer and returns the one that is kept, which is another's where that was first.
   * @param at the last event that the answer speaks of; absent where it speaks of none
   */
  async keep(ticket: Ticket, answer: KeptAnswer, at?: EventAt): Promise<KeptAnswer> {
    const { id, fingerprint, collection } = ticket;
    const place = await this.log?.place(at);
    const record: RecordBody = { fingerprint, answer, ...(place && { place }) };
    if (await this.put(ticket, record)) return answer;
    // We stood still, and another process carries it out: its answer is the one that is given again.
    for (const end = performance.now() + this.patienceMs; performance.now() < end;) {
      const stored = (await collection.get([id])).get(id);
      const { answer: first, holder } = stored?.body ? recordIn(stored) : ({} as Partial<RecordBody>);
      if (first || !holder) return first ?? answer;
      if (holder.id === this.me.id) ticket.version = stored!.version; // a sign of life whose answer was lost
      if (holder.id === this.me.id && (await this.put(ticket, record))) return answer;
      await delay(Math.min(100, this.me.ttlMs / 8));
    }
    throw new RequestInProgress();
  }

  /** The request came to nothing: its key may be used for another one. */
  async release(ticket: Ticket): Promise<void> {
    await this.put(ticket, { fingerprint: ticket.fingerprint, released: true });
  }

  /** The request failed, and it is not known what it came to: it may begin again, and no other under its key. */
  async giveUp(ticket: Ticket): Promise<void> {
    await this.put(ticket, { fingerprint: ticket.fingerprint });
  }

  /** @returns whether it was still ours to write */
  private async put(ticket: Ticket, record: RecordBody): Promise<boolean> {
    await ticket.stop();
    const { id, collection, version } = ticket;
    const refused = await collection.put([{ key: id, version: version + 1n, body: bodyOf(record) }]);
    return refused.length === 0;
  }

  /** Shows, while the request is carried out, that its process is alive. */
  private ticket(id: string, fingerprint: string, collection: DocumentCollection, first: bigint): Ticket {
    let showing: Promise<void> = Promise.resolve();
    const show = async () => {
      const version = ticket.version + 1n;
      const refused = await collection.put([{ key: id, version, body: bodyOf({ fingerprint, holder: this.me }) }]);
      if (refused.length === 0) ticket.version = version;
    };
    const timer = setInterval(() => {
      // What is not known to be written may be: then the next one is refused, and the record is looked at.
      showing = showing.then(show).catch(() => undefined);
    }, this.me.ttlMs / 4);
    timer.unref();
    const ticket: Ticket = {
      id,
      fingerprint,
      collection,
      version: first,
      stop: () => {
        clearInterval(timer);
        return showing;
      },
    };
    return ticket;
  }

  private isAlive(holder: Holder | undefined, unchangedSince: number): boolean {
    if (!holder || holder.id === this.me.id || isGone(holder, this.me)) return false;
    return performance.now() - unchangedSince < holder.ttlMs;
  }

  /** The record, in the current part or in the one before, or as an older version kept it. */
  private async find(id: string, part: bigint): Promise<Found | undefined> {
    const parts = [part, part - 1n].filter((each) => each >= 0n).map((each) => this.part(each));
    const collections = await Promise.all(parts);
    for (const collection of [...collections, ...(await this.oldOnes())]) {
      const document = (await collection.get([id])).get(id);
      if (document?.body) return { collection, version: document.version, record: recordIn(document) };
    }
    return undefined;
  }

  /** Begins another part where this one is full, and lets go of the one before it. */
  private async makeRoom(part: bigint, collection: DocumentCollection): Promise<void> {
    const every = Math.max(1, Math.floor(this.remembered / 100));
    if (++this.begunHere % every !== 0 || (await collection.count({})) < this.remembered) return;
    const parts = await this.named(NAME);
    const refused = await parts.put([{ key: 'part', version: part + 1n, body: {} }]);
    if (refused.length > 0) return;
    const old = part > 0n ? [`${PART}${part - 1n}`] : (await this.oldOnes()).map(({ name }) => name);
    this.ofDays = Promise.resolve([]);
    for (const name of old) {
      this.opened.delete(name);
      await this.documents.drop(name);
    }
  }

  private async currentPart(): Promise<bigint> {
    const parts = await this.named(NAME);
    return (await parts.get(['part'])).get('part')?.version ?? 0n;
  }

  private part(part: bigint): Promise<DocumentCollection> {
    return this.named(`${PART}${part}`);
  }

  private named(name: string): Promise<DocumentCollection> {
    let opening = this.opened.get(name);
    if (!opening) {
      opening = this.documents.collection(name);
      this.opened.set(name, opening);
      opening.catch(() => this.opened.delete(name));
    }
    return opening;
  }

  private oldOnes(): Promise<DocumentCollection[]> {
    if (!this.ofDays) {
      this.ofDays = this.documents
        .collections()
        .then((names) => Promise.all(names.filter((name) => OF_A_DAY.test(name)).map((name) => this.named(name))));
      this.ofDays.catch(() => (this.ofDays = undefined));
    }
    return this.ofDays;
  }
}

function recordIn({ body }: StoredDocument): RecordBody {
  return body as unknown as RecordBody;
}

function bodyOf(record: RecordBody): JsonObject {
  return { ...record } as unknown as JsonObject;
}
