import { printable } from '@gesta/core';
import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.js';

/** How often a line is printed where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 2_000;

/** Shows how something gets on, on stderr: a bar on a terminal, elsewhere a plain line now and then. Machines are told at the end. */
export class ProgressView {
  private bar: SingleBar | undefined;
  private lastLine = -Infinity;

  /** @param now a clock that does not jump, in milliseconds */
  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param done how much of `all`, which is more than nothing, is done */
  at(done: number, all: number, text: string): void {
    if (this.output.asJson) return;
    if (this.output.stderr.isTTY) {
      const bar = (this.bar ??= this.startedBar(all));
      bar.update(done, { text: printable(text) });
    } else if (this.now() - this.lastLine >= LINE_EVERY_MS || done >= all) {
      this.lastLine = this.now();
      const percentage = `${Math.floor((done * 100) / all)}%`;
      this.output.note(`${percentage.padStart(4)} ${text}`);
    }
  }

  /** Leaves the bar as it is, so that something else can be said. */
  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private startedBar(all: number): SingleBar {
    const options = { format: '{bar} {percentage}%  {text}', stream: this.output.stderr, hideCursor: true };
    const bar = new SingleBar({ ...options, barsize: 24 }, Presets.shades_classic);
    bar.start(all, 0, { text: '' });
    return bar;
  }
}
