import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { WaitingCommands } from '../messaging/waiting-commands.js';
import { MARK_KEY, positionOfMark } from './document-mark.js';
import { DocumentsOfAnotherLog, StoresDoNotMatch } from './documents-of-another-log.js';
import type { Lease } from './lease.js';
import { NOWHERE, type Progress } from './progress.js';
import type { Reader, ReaderSurroundings } from './reader.js';

/**
 * From where a reader is to go on: the beginning of the log, its end as it is now, behind a position, or where its
 * documents are.
 */
export type ResetFrom = 'beginning' | 'now' | 'documents' | bigint;

/** What a reset does, or has done. */
export interface ResetPlan {
  readonly reader: string;
  /** Where it is; `undefined` where it has not begun. */
  readonly at: bigint | undefined;
  /** Why it stands still, in words; `undefined` where log, checkpoint and documents belong together. */
  readonly mismatch: string | undefined;
  /** Behind which position it goes on. */
  readonly to: bigint;
  /** Whether the instances of a process manager go: those of another log, and all where it goes on from the beginning. */
  readonly dropsInstances: boolean;
  /** How many dead letters go, with the instances or because they are about events of another log. */
  readonly letters: number;
}

/** A reader is at work in another process, or cannot be put where it was asked to be. */
export class CannotReset extends Error {
  override readonly name = 'CannotReset';
}

/** How long the lease is waited for, in milliseconds: an owner that is gone without having given it up has so long. */
const LEASE_PATIENCE_MS = 30_000;
/** How many letters are removed at once. */
const LETTERS = 500;
const BATCH = 1_000;

/**
 * Puts a process manager, a reactor or an inbox to another place of the log: the way out where its log was replaced or its
 * instances are older than its checkpoint. What it goes on from is consistent: instances, letters and places of another
 * log go. It is done under the reader's lease, and the checkpoint is moved last, so that it may be done again after a
 * crash; a former owner is fenced off.
 */
export class ReaderReset {
  constructor(
    private readonly reader: Reader,
    private readonly instances: DocumentCollection | undefined,
    private readonly documents: DocumentStore,
    private readonly surroundings: ReaderSurroundings,
  ) {}

  /**
   * What a reset would do.
   * @throws {CannotReset} when it cannot be put there
   */
  async plan(from: ResetFrom): Promise<ResetPlan> {
    return (await this.prepared(from)).plan;
  }

  /**
   * @returns what was done
   * @throws {CannotReset} when it is at work in a process, or cannot be put there
   */
  async run(from: ResetFrom): Promise<ResetPlan> {
    const { name } = this.reader;
    const { leases, checkpoints, fences } = this.surroundings;
    if (await leases.isInUse(name)) throw this.inUse();
    const lease: Lease | undefined = await leases.acquire(name, AbortSignal.timeout(LEASE_PATIENCE_MS));
    if (!lease) throw this.inUse();
    try {
      const { plan, progress } = await this.prepared(from);
      if (plan.letters > 0) await this.removeLetters();
      if (plan.dropsInstances) await this.documents.drop(name);
      if (plan.dropsInstances || plan.mismatch !== undefined) await checkpoints.lookedFor.remove(name);
      if (this.reader.kind === 'commands') await WaitingCommands.forget(name, this.documents);
      await fences.raise(name, lease.epoch, progress);
      await checkpoints.reset(name, progress);
      return plan;
    } finally {
      await lease.release();
    }
  }

  private inUse(): CannotReset {
    return new CannotReset(`${this.reader.name} is at work in a process: stop that process, or try again in a moment`);
  }

  private async prepared(from: ResetFrom): Promise<{ readonly plan: ResetPlan; readonly progress: Progress }> {
    const { reader } = this;
    const { store, checkpoints, deadLetters } = this.surroundings;
    const log = await store.log();
    const saved = await checkpoints.load(reader.name);
    const mismatch = await reader.check(saved ?? NOWHERE, log).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof StoresDoNotMatch) return error;
        throw error;
      },
    );
    const isOfAnotherLog = mismatch instanceof DocumentsOfAnotherLog;
    if (from === 'documents' && isOfAnotherLog) {
      throw new CannotReset(
        `What is kept of ${reader.name} was made from another log: there is no such place in this one`,
      );
    }
    const dropsInstances = this.instances !== undefined && (from === 'beginning' || isOfAnotherLog);
    const mark = dropsInstances ? undefined : await this.markOf();
    const place = await this.placeOf(from, mark);
    // With an older mark that is where the documents are: what comes between is left out, as was asked.
    const progress: Progress = { ...place, log, ...(mark !== undefined && { mark }), types: saved?.types };
    const isLetterless = from === 'beginning' || isOfAnotherLog;
    const plan: ResetPlan = {
      reader: reader.name,
      at: saved?.position,
      mismatch: mismatch?.message,
      to: place.position,
      dropsInstances,
      letters: isLetterless ? await deadLetters.countAll(reader.name) : 0,
    };
    return { plan, progress: isLetterless ? { ...progress, types: undefined } : progress };
  }

  private async markOf(): Promise<bigint | undefined> {
    return (await this.instances?.get([MARK_KEY]))?.get(MARK_KEY)?.version;
  }

  private async placeOf(from: ResetFrom, mark: bigint | undefined): Promise<Progress> {
    const { store } = this.surroundings;
    if (from === 'beginning') return NOWHERE;
    const head = await store.head();
    if (from === 'now') return head;
    if (from !== 'documents') {
      if (from <= head.position) return placeBefore(store, from);
      throw new CannotReset(`There is no position ${from}: the log ends at ${head.position}`);
    }
    if (mark !== undefined) return placeBefore(store, positionOfMark(mark));
    throw new CannotReset(
      `${this.reader.name} has no documents that tell how far they were made: go on from the beginning, now or a position`,
    );
  }

  private async removeLetters(): Promise<void> {
    const { deadLetters } = this.surroundings;
    for (;;) {
      const letters = await deadLetters.list({ reader: this.reader.name, limit: LETTERS });
      if (letters.length === 0) return;
      await deadLetters.remove(letters.map(({ id }) => id));
    }
  }
}

/** The last place of the log that is not behind the position. The log is read up to there. */
async function placeBefore(store: EventStore, position: bigint): Promise<Progress> {
  let place = NOWHERE;
  for (const batchSize of [BATCH, 1]) {
    for await (const batch of store.readAll({ after: place.checkpoint, batchSize })) {
      if (batch.position > position) break;
      const { checkpoint, at } = batch;
      place = { checkpoint, position: batch.position, at: at ?? place.at };
    }
  }
  return place;
}
