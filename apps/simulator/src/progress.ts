import { Presets, SingleBar } from 'cli-progress';

/** How often a line is printed where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 2_000;

/** A bar on a terminal; elsewhere a plain line now and then. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private lastLine = performance.now();

  constructor(
    private readonly what: string,
    private readonly total: number,
  ) {
    if (!process.stderr.isTTY) return;
    const format = `${what.padEnd(8)} {bar} {value}/{total}  {percentage}%  {eta_formatted} left`;
    this.bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
    this.bar.start(total, 0);
  }

  at(value: number): void {
    this.bar?.update(value);
    if (this.bar || (value < this.total && performance.now() - this.lastLine < LINE_EVERY_MS)) return;
    this.lastLine = performance.now();
    console.error(`${this.what}: ${value} of ${this.total}`);
  }

  end(): void {
    this.bar?.stop();
  }
}
