import type { GroupSettings } from './group-settings.js';
import type { Progress } from './progress.js';

/** Where a group's checkpoints are kept. */
export interface CheckpointStore {
  /** @returns the place up to where everything is settled; undefined when none was ever saved */
  load(): number | undefined;
  save(place: number): Promise<void>;
}

type Cadence = Pick<GroupSettings, 'checkpointAfter' | 'minCheckpointCount' | 'maxCheckpointCount'>;

/** Saves a group's progress as often as its settings say. */
export class Checkpointing {
  readonly #progress: Progress;
  readonly #store: CheckpointStore;
  readonly #cadence: Cadence;
  #saved: number | undefined;
  #savedCount = 0;
  #savedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #closed = false;

  /** @param saved the place that the store has */
  constructor(progress: Progress, store: CheckpointStore, cadence: Cadence, saved: number | undefined) {
    this.#progress = progress;
    this.#store = store;
    this.#cadence = cadence;
    this.#saved = saved;
  }

  /** The place of the last checkpoint; undefined when there is none. */
  get saved(): number | undefined {
    return this.#saved;
  }

  /** Saves the progress if it is time to, now or later. To be called whenever there may have been some. */
  mark(): void {
    if (this.#saving || this.#closed) return;
    const { checkpointAfter, minCheckpointCount, maxCheckpointCount } = this.#cadence;
    const { place, count } = this.#progress.settled;
    const worth = count - this.#savedCount;
    if (worth <= 0) return;
    const wait = this.#savedAt + checkpointAfter - performance.now();
    if (worth >= maxCheckpointCount || (worth >= minCheckpointCount && checkpointAfter > 0 && wait <= 0)) {
      this.#save(place, count);
    } else if (worth >= minCheckpointCount && checkpointAfter > 0 && !this.#timer) {
      this.#timer = setTimeout(() => this.#timeIsUp(), wait + 1).unref();
    }
  }

  /** Saves nothing any more. Resolves when a checkpoint that is being saved is. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#saving;
  }

  #timeIsUp(): void {
    this.#timer = undefined;
    this.mark();
  }

  #save(place: number, count: number): void {
    this.#savedAt = performance.now();
    this.#saving = this.#store.save(place).then(
      () => {
        this.#saving = undefined;
        this.#saved = place;
        this.#savedCount = count;
        this.mark();
      },
      // What was not saved now will be with the next progress: until then the older checkpoint is as true.
      () => {
        this.#saving = undefined;
      },
    );
  }
}
