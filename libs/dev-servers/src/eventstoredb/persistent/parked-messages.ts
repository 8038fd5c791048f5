import { randomUUID } from 'node:crypto';
import type { EventLog } from '../log/event-log.js';
import { LINK_TYPE, originalOf, type ResolvedEvent } from '../log/log-event.js';
import { describeParkedStream, parkedStream } from './group-streams.js';
import { messageOf, type Message } from './message.js';

/**
 * The messages of a group that nobody could process, as links in a stream of their own. They can be replayed, in their
 * order, and stay parked until they are settled: what was being replayed when the server died is parked when it is back.
 */
export class ParkedMessages {
  readonly #stream: string;
  /** The revisions of those that are being replayed. */
  readonly #replaying = new Set<number>();
  /** The first one that is still parked. */
  #first: number;
  /** The first one that was not replayed. */
  #next: number;
  #stopAt: number;
  #truncated: number;
  #truncating: Promise<void> | undefined;

  /** @param id of the group */
  constructor(
    private readonly log: EventLog,
    id: string,
  ) {
    this.#stream = parkedStream(id);
    const page = log.readStream(this.#stream, { from: 0, limit: 1 });
    const [oldest] = page.status === 'found' ? page.events : [];
    this.#first = oldest ? originalOf(oldest).revision : this.#end;
    this.#next = this.#first;
    this.#stopAt = this.#first;
    this.#truncated = this.#first;
  }

  /** How many there are, without those that are being replayed. */
  get count(): number {
    return this.#end - this.#next;
  }

  /** Whether there are some left to replay. */
  get isReplaying(): boolean {
    return this.#next < this.#stopAt;
  }

  /** Parks the message. Resolves when that is on the disk. */
  async park({ event: { event, link } }: Message, reason: string): Promise<void> {
    const { revision } = originalOf({ event, link });
    const target = event ? `${event.revision}@${event.streamId}` : Buffer.from(link!.data).toString('utf8');
    const metadata = { added: new Date().toISOString(), reason, subscriptionEventNumber: revision };
    const parked = {
      id: randomUUID(),
      type: LINK_TYPE,
      isJson: false,
      data: Buffer.from(target, 'utf8'),
      metadata: Buffer.from(JSON.stringify(metadata), 'utf8'),
    };
    await this.log.append(this.#stream, [parked], 'any');
  }

  /** Has those replayed that are parked now. @param stopAt the revision to stop before; undefined for all there are */
  replay(stopAt: number | undefined): void {
    this.#stopAt = Math.max(this.#stopAt, Math.min(stopAt ?? Infinity, this.#end));
  }

  /** @returns the next messages to replay, at most `limit` */
  take(limit: number): Message[] {
    const count = Math.min(limit, this.#stopAt - this.#next);
    if (count <= 0) return [];
    const page = this.log.readStream(this.#stream, { from: this.#next, limit: count, resolveLinks: true });
    if (page.status !== 'found') {
      this.#next = this.#stopAt;
      return [];
    }
    const events = page.events.filter((event) => originalOf(event).revision < this.#stopAt);
    this.#next = Math.min(page.next, this.#stopAt);
    // A link that leads nowhere has nothing to replay.
    const messages = events.filter(({ event }) => event !== undefined).map((event) => this.#messageOf(event));
    for (const { parkedAt } of messages) this.#replaying.add(parkedAt!);
    this.#advance();
    return messages;
  }

  /** A replayed message needs to be parked no longer. */
  settle({ parkedAt }: Message): void {
    if (parkedAt === undefined || !this.#replaying.delete(parkedAt)) return;
    this.#advance();
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#truncating;
  }

  get #end(): number {
    return this.log.lastRevision(this.#stream) + 1;
  }

  #messageOf(event: ResolvedEvent): Message {
    const parkedAt = originalOf(event).revision;
    return messageOf(event, { number: 0, after: -1, parkedAt });
  }

  #advance(): void {
    // They are replayed in order, so the first one that is left is the lowest.
    const [lowest = this.#next] = this.#replaying;
    this.#first = lowest;
    if (this.#first > this.#truncated) this.#truncating ??= this.#truncate();
  }

  async #truncate(): Promise<void> {
    while (this.#first > this.#truncated) {
      const first = this.#first;
      try {
        await describeParkedStream(this.log, this.#stream, first);
      } catch {
        break; // they stay parked then, until the next one is settled
      }
      this.#truncated = first;
    }
    this.#truncating = undefined;
  }
}
