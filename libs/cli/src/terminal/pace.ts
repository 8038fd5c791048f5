interface Sample {
  readonly at: number;
  readonly events: number;
  readonly position: bigint;
}

/** How far back the pace is measured, and how often, in milliseconds. */
const WINDOW_MS = 10_000;
const SAMPLE_MS = 200;

/** How fast a reader of the log is getting on, measured over the last seconds. */
export class Pace {
  private readonly samples: Sample[] = [];
  private latest: Sample | undefined;

  /**
   * @param at when that was, in milliseconds of a clock that does not jump
   * @param events how many were read until then
   * @param position how far in the log that is
   */
  at(at: number, events: number, position: bigint): void {
    this.latest = { at, events, position };
    const before = this.samples.at(-1);
    if (before && at - before.at < SAMPLE_MS) return;
    this.samples.push(this.latest);
    while (this.samples.length > 2 && at - this.samples[1]!.at >= WINDOW_MS) this.samples.shift();
  }

  /** `undefined` as long as nothing can be said. */
  get eventsPerSecond(): number | undefined {
    return this.measured((first, last) => last.events - first.events);
  }

  /** How long the rest of the log will take at this pace; `undefined` as long as nothing can be said. */
  secondsLeft(head: bigint): number | undefined {
    const perSecond = this.measured((first, last) => Number(last.position - first.position));
    if (!perSecond || !this.latest) return undefined;
    return Math.max(0, Number(head - this.latest.position) / perSecond);
  }

  private measured(progress: (first: Sample, last: Sample) => number): number | undefined {
    const [first] = this.samples;
    const last = this.latest;
    if (!first || !last || last.at <= first.at) return undefined;
    return progress(first, last) / ((last.at - first.at) / 1_000);
  }
}
