import type { ExpectedRevision } from '@gesta/core';
import { AppendRefused } from '../connection/append-failure.js';
import { NotShownYet } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import type { LogReader } from '../log/log-reader.js';
import type { StoredEvent } from '../log/stored-event.js';
import type { StreamReader } from './stream-reader.js';
import { streamSettings, type StreamSettings } from './stream-settings.js';
import type { WritersWord } from './writers-word.js';
import type { Written } from './written-streams.js';

/** In a stream's metadata: that it began at the revision, behind what was cut off by others. */
export const BEGUN = 'gestaBegun';

/** How a read has what the writer is known to have. */
export type Sight = 'shown' | 'removed' | 'not-yet';

/**
 * Tells what reads do not show yet from what is not there any more. The server's writer counts what no read shows, so
 * that nothing is to be seen proves nothing: that it was removed is said by the stream's metadata, or it is waited for.
 */
export class StreamSight {
  /** @param deadlineMs how long one call may take */
  constructor(
    private readonly reader: StreamReader,
    private readonly log: LogReader,
    private readonly writer: WritersWord,
    private readonly deadlineMs: number,
  ) {}

  /** @returns whether reads show it, once they do or it is known to be removed. */
  async settled(streamId: string, written: Written, patience: Patience): Promise<'shown' | 'removed'> {
    for (;;) {
      try {
        const sight = await this.of(streamId, written, patience);
        if (sight !== 'not-yet') return sight;
        throw new NotShownYet(streamId, written.revision);
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  async of(streamId: string, { revision, position }: Written, patience: Patience): Promise<Sight> {
    const last = await this.reader.last(streamId, patience);
    if (last === 'tombstoned') return 'removed';
    if (last && last.revision >= revision) return 'shown';
    const settings = await this.settings(streamId, patience);
    if (!settings) return 'not-yet';
    if (settings.isDeleted) {
      // It may be the deletion before the stream was begun again, which the server lifts in a second write.
      const stands =
        position === undefined ? await this.isLatest(streamId, settings, patience) : settings.place.commit > position;
      return stands ? 'removed' : 'not-yet';
    }
    if (settings.truncateBefore > revision) return 'removed';
    return (await this.#hasExpired(streamId, revision, settings, patience)) ? 'removed' : 'not-yet';
  }

  /** Whether all that the stream has behind what is expected, up to the actual revision, was put there by others: `$` events. */
  async isOvertaken(
    streamId: string,
    expected: ExpectedRevision,
    actual: number | 'no-stream',
    patience: Patience,
  ): Promise<boolean> {
    if (actual === 'no-stream' || expected === 'any' || expected === 'stream-exists') return false;
    const from = expected === 'no-stream' ? undefined : expected + 1;
    if (from !== undefined && from > actual) return false;
    let seen = -1;
    for await (const batch of this.reader.batches(streamId, from === undefined ? {} : { from }, patience)) {
      if (batch.some(({ type }) => !type.startsWith('$'))) return false;
      seen = batch.at(-1)!.revision;
    }
    return seen >= actual;
  }

  async #first(streamId: string, patience: Patience): Promise<StoredEvent | undefined> {
    for await (const [event] of this.reader.batches(streamId, { limit: 1 }, patience)) return event;
    return undefined;
  }

  /** Whether the stream was deleted, and has not begun again since: by the writer, whatever reads show. */
  async isDeleted(streamId: string, patience: Patience): Promise<boolean> {
    const settings = await this.settings(streamId, patience);
    return settings?.isDeleted === true && (await this.isLatest(streamId, settings, patience));
  }

  /** Whether nothing but a former life of the stream was before the revision. */
  async beginsAt(streamId: string, revision: number, patience: Patience): Promise<boolean> {
    // What is not ours may stand before it.
    const begin = (await this.#first(streamId, patience))?.revision ?? revision;
    if (revision === 0 || begin === 0) return true;
    const settings = await this.settings(streamId, patience);
    if (settings?.truncateBefore !== begin) return false;
    if (settings.metadata[BEGUN] === begin) return true;
    // The server writes the same when a deleted stream begins again and when it is truncated: what was before tells.
    let next = settings.revision;
    for await (const event of this.log.backwards(`$$${streamId}`, patience.within(this.deadlineMs))) {
      const before = streamSettings(event);
      if (before.revision > next) continue;
      if (before.revision < next) break; // that was scavenged
      if (before.isDeleted) return true;
      if (before.truncateBefore !== begin) return false;
      next--;
    }
    return next >= 0;
  }

  /** The stream's metadata as reads show it. */
  async settings(streamId: string, patience: Patience): Promise<StreamSettings | undefined> {
    const last = await this.reader.last(`$$${streamId}`, patience);
    return last && last !== 'tombstoned' ? streamSettings(last) : undefined;
  }

  /** Whether the writer has no later metadata. Who may not write it is told what reads show. */
  async isLatest(streamId: string, { revision }: StreamSettings, patience: Patience): Promise<boolean> {
    try {
      return (await this.writer.revisionOf(`$$${streamId}`, patience.within(this.deadlineMs))) === revision;
    } catch (error) {
      if (error instanceof AppendRefused && error.refusal.kind === 'access-denied') return true;
      throw error;
    }
  }

  /** By its age. The log still has it: the server never removes a stream's last event. */
  async #hasExpired(
    streamId: string,
    revision: number,
    { maxAge }: StreamSettings,
    patience: Patience,
  ): Promise<boolean> {
    if (maxAge === undefined) return false;
    const last = await this.log.lastOf(streamId, patience.within(this.deadlineMs));
    return last !== undefined && last.revision >= revision && Date.now() - last.recordedAt >= maxAge * 1_000;
  }
}
