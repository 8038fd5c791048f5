import type { EventLog } from '../log/event-log.js';
import type { CheckpointStore } from './checkpointing.js';
import type { EventSource } from './event-source.js';
import { checkpointStream, describeCheckpointStream, newestOf, systemEvent } from './group-streams.js';

const CHECKPOINT_TYPE = '$SubscriptionCheckpoint';

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
    const text = newestOf<string>(this.log, this.#stream, CHECKPOINT_TYPE);
    return text === undefined ? undefined : this.source.placeIn(text);
  }

  async save(place: number): Promise<void> {
    if (!this.log.metadataOf(this.#stream)?.['$maxCount']) await describeCheckpointStream(this.log, this.#stream);
    const checkpoint = systemEvent(CHECKPOINT_TYPE, this.source.textOf(place));
    await this.log.append(this.#stream, [checkpoint], 'any');
  }
}
