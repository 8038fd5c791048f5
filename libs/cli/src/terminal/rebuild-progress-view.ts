import type { RebuildProgress } from '@gesta/core';
import { Presets, SingleBar } from 'cli-progress';
import { counted, duration, readable } from './numbers.js';
import type { Output } from './output.js';
import { Pace } from './pace.js';

/** How often a line is printed where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 2_000;
/** Positions may be past what numbers hold exactly; a bar needs no more than its share. */
const STEPS = 10_000;

/** Shows how a rebuild gets on, on stderr: a bar on a terminal, elsewhere a plain line now and then. */
export class RebuildProgressView {
  private readonly pace = new Pace();
  private readonly began: number;
  private first: RebuildProgress | undefined;
  private bar: SingleBar | undefined;
  private lastLine = -Infinity;

  /** @param now a clock that does not jump, in milliseconds */
  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.began = now();
  }

  /** Machines are told at the end. */
  at(progress: RebuildProgress): void {
    const { position, head, events } = progress;
    const now = this.now();
    if (!this.first) this.pace.at(this.began, 0, (this.first = progress).position);
    this.pace.at(now, events, position);
    if (this.output.asJson) return;
    if (this.output.stderr.isTTY) {
      const done = head === 0n ? STEPS : Number((position * BigInt(STEPS)) / head);
      this.startedBar().update(done, { text: this.text(progress) });
    } else if (now - this.lastLine >= LINE_EVERY_MS || position >= head) {
      this.lastLine = now;
      this.output.note(`${percentage(progress)} ${this.text(progress)}`);
    }
  }

  end(): void {
    this.bar?.stop();
  }

  private text({ position, head, events, parked }: RebuildProgress): string {
    const rate = this.pace.eventsPerSecond;
    const left = position < head ? this.pace.secondsLeft(head) : undefined;
    return [
      counted(events, 'event'),
      ...(rate === undefined ? [] : [`${readable(Math.round(rate))}/s`]),
      ...(left === undefined ? [] : [`${duration(left)} left`]),
      ...(parked === 0 ? [] : [`${readable(parked)} set aside`]),
    ].join(', ');
  }

  private startedBar(): SingleBar {
    if (!this.bar) {
      const options = { format: '{bar} {percentage}%  {text}', stream: this.output.stderr, hideCursor: true };
      this.bar = new SingleBar({ ...options, barsize: 24 }, Presets.shades_classic);
      this.bar.start(STEPS, 0, { text: '' });
    }
    return this.bar;
  }
}

function percentage({ position, head }: RebuildProgress): string {
  return `${head === 0n ? 100 : Number((position * 100n) / head)}%`.padStart(4);
}
