import type { Checkpoint } from '@gesta/core';

/** The tokens of one log: its name and a place in it. */
export class LogCheckpoints {
  readonly #prefix: string;

  /** @param log what the log is called; another file's log is called otherwise */
  constructor(log: string) {
    this.#prefix = `sqlite:${log}:`;
  }

  at(place: number): Checkpoint {
    return `${this.#prefix}${place}`;
  }

  /**
   * The place that the checkpoint stands for; 0, the beginning, when there is none.
   * @param end the log's end as it is now
   * @throws {RangeError} when it is not one of this log's, or lies behind the log's end, which happens when the file was
   * put back to an older state
   */
  placeOf(checkpoint: Checkpoint | undefined, end: number): number {
    if (checkpoint === undefined) return 0;
    const place = Number(checkpoint.slice(this.#prefix.length));
    if (!Number.isSafeInteger(place) || this.at(place) !== checkpoint) {
      throw new RangeError(`'${checkpoint}' is no checkpoint of this event store`);
    }
    if (place > end) {
      throw new RangeError(
        `'${checkpoint}' lies behind the end of the log, which is ${end}: was the file put back to an older state?`,
      );
    }
    return place;
  }
}
