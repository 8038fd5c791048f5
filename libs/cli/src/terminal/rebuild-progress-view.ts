import type { RebuildProgress } from '@gesta/core';
import { counted, duration, readable } from './numbers.js';
import type { Output } from './output.js';
import { Pace } from './pace.js';
import { ProgressView } from './progress-view.js';

/** Positions may be past what numbers hold exactly; a bar needs no more than its share. */
const STEPS = 10_000;

/** Shows how a rebuild gets on, on stderr. */
export class RebuildProgressView {
  private readonly view: ProgressView;
  private readonly pace = new Pace();
  private readonly began: number;
  private first: RebuildProgress | undefined;
  private last: RebuildProgress | undefined;
  private done = 0;

  /** @param now a clock that does not jump, in milliseconds */
  constructor(
    output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.view = new ProgressView(output, now);
    this.began = now();
  }

  at(progress: RebuildProgress): void {
    const { position, head, events } = progress;
    if (!this.first) this.pace.at(this.began, 0, (this.first = progress).position);
    this.pace.at(this.now(), events, position);
    this.last = progress;
    this.done = head === 0n ? STEPS : Number((position * BigInt(STEPS)) / head);
    this.view.at(this.done, STEPS, this.text(progress));
  }

  /** What was last told may have come before the end, which nothing tells then. */
  whole(): void {
    if (this.last && this.done < STEPS) this.at({ ...this.last, position: this.last.head });
  }

  end(): void {
    this.view.end();
  }

  private text({ position, head, events, parked }: RebuildProgress): string {
    const rate = this.pace.eventsPerSecond;
    const left = position < head ? this.pace.secondsLeft(head) : undefined;
    return [
      counted(events, 'event'),
      ...(rate === undefined ? [] : [`${readable(Math.round(rate))}/s`]),
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      ...(parked === 0 ? [] : [`${readable(parked)} parked`]),
    ].join(', ');
  }
}
