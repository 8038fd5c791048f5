import type { IncomingMessage, ServerResponse } from 'node:http';
import { BacklogTime, type Gesta } from '@gesta/core';
import { BacklogTooLong } from './backlog-too-long.js';

/** How often the readers are looked at while requests come, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** After how long what was seen says nothing any more, in milliseconds. */
const OLD_AFTER_MS = 2_000;
/** Methods that change nothing. */
const READING: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS', 'QUERY'];

/**
 * Lets no more be asked for while what was accepted before takes too long. Nothing is looked at while nobody asks for
 * anything, and at most four times a second.
 */
export class FloodGate {
  private readonly backlog = new BacklogTime();
  private lookedAt = -Infinity;
  private isLooking = false;

  /**
   * @param mostMs how long the work in the log may take
   * @param now in milliseconds of a clock that is never put back; specs set it
   */
  constructor(
    private readonly gesta: Pick<Gesta, 'work'>,
    private readonly mostMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  readonly middleware = (
    { method }: IncomingMessage,
    _response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => next(READING.includes(method) ? undefined : this.refusal());

  /** Why nothing more is taken now; `undefined` where it is. */
  refusal(): BacklogTooLong | undefined {
    const now = this.now();
    if (!this.isLooking && now - this.lookedAt >= LOOK_EVERY_MS) void this.look();
    if (now - this.lookedAt >= OLD_AFTER_MS || this.backlog.ms <= this.mostMs) return undefined;
    return new BacklogTooLong(this.backlog.ms, this.mostMs);
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    try {
      const { head, positions } = await this.gesta.work();
      this.backlog.look(this.now(), head, positions);
    } catch {
      // A store that is away says so to whoever asks something of it; here nothing is known then.
    } finally {
      this.lookedAt = this.now();
      this.isLooking = false;
    }
  }
}
