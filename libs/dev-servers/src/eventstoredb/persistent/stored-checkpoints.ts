import type { EventLog } from '../log/event-log.js';
import type { CheckpointStore } from './checkpointing.js';
import type { EventSource } from './event-source.js';
import { checkpointStream, describeCheckpointStream, systemEvent } from './group-streams.js';

/** Keeps a group's checkpoints in a stream of their own, each as the text of a place. */
export class StoredCheckpoints implements CheckpointStore {
  readonly #stream: string;

  constructor(
    private readonly log: EventLog,
    id: string,
    private readonly source: EventSource,
  ) {
    this.#stream = checkpointStream(id);
  }

  /** @returns the place of the last checkpoint; undefined when there is none */
  load(): number | undefined {
    const page = this.log.readStream(this.#stream, { from: 'end', backwards: true, limit: 1 });
    const event = page.status === 'found' ? page.events[0]?.event : undefined;
    if (!event) return undefined;
    return this.source.placeIn(JSON.parse(Buffer.from(event.data).toString('utf8')) as string);
  }

  async save(place: number): Promise<void> {
    if (!this.log.metadataOf(this.#stream)?.['$maxCount']) await describeCheckpointStream(this.log, this.#stream);
    const checkpoint = systemEvent('$SubscriptionCheckpoint', this.source.textOf(place));
    await this.log.append(this.#stream, [checkpoint], 'any');
  }
}
