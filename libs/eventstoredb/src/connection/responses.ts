import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientReadableStream } from '@grpc/grpc-js';

/** What is read ahead of its consumer, at most: so many messages, and about so many bytes. */
const MOST_MESSAGES = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The messages of one read, as they come. It reads ahead of its consumer by a bounded stretch, then stops reading, and
 * the server with it.
 */
export class Responses {
  #queue: ReadResp[] = [];
  #next = 0;
  #bytes = 0;
  #ended = false;
  #failure: unknown;
  #arrived: () => void = () => {};
  #cancelled = false;

  constructor(private readonly call: ClientReadableStream<ReadResp>) {
    call.on('data', (message: ReadResp) => {
      this.#queue.push(message);
      this.#bytes += sizeOf(message);
      if (this.#waiting() >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) call.pause();
      this.#arrived();
    });
    call.on('error', (error) => {
      if (!this.#cancelled) this.#failure ??= error;
      this.#end();
    });
    call.on('end', () => this.#end());
    call.on('close', () => this.#end());
  }

  /** The next message that has arrived already. */
  take(): ReadResp | undefined {
    const message = this.#queue[this.#next];
    if (!message) return undefined;
    this.#next++;
    this.#bytes -= sizeOf(message);
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    }
    if (this.call.isPaused() && this.#waiting() <= MOST_MESSAGES / 2 && this.#bytes <= MOST_BYTES / 2) {
      this.call.resume();
    }
    return message;
  }

  /**
   * Waits until there is a message to take, the read is over, or the time is.
   * @throws what the call failed with, once the messages before it were taken
   */
  async more(withinMs = Infinity): Promise<'message' | 'end' | 'late'> {
    if (this.#waiting() === 0 && !this.#ended) await this.#arrival(withinMs);
    if (this.#waiting() > 0) return 'message';
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? 'end' : 'late';
  }

  /** Lets go of the call; what has arrived is forgotten. */
  cancel(): void {
    this.#cancelled = true;
    this.#queue = [];
    this.#next = this.#bytes = 0;
    this.call.cancel();
    this.#end();
  }

  #waiting(): number {
    return this.#queue.length - this.#next;
  }

  #end(): void {
    this.#ended = true;
    this.#arrived();
  }

  #arrival(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === Infinity ? undefined : setTimeout(resolve, withinMs);
      this.#arrived = () => {
        clearTimeout(timer);
        this.#arrived = () => {};
        resolve();
      };
    });
  }
}

function sizeOf(message: ReadResp): number {
  const event = message.getEvent()?.getEvent();
  return event ? event.getData().length + event.getCustomMetadata().length : 0;
}
