import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { styleText } from 'node:util';

const COLOURS = ['cyan', 'magenta', 'green', 'yellow', 'blue', 'red'] as const;

/**
 * Prints each line of a process behind the process's name, so that it is seen who says what. Names stand in a column;
 * each has a colour of its own on a terminal.
 */
export class LabelledOutput {
  private readonly colours = new Map<string, (typeof COLOURS)[number]>();

  /** @param names all that may speak */
  constructor(
    private readonly names: readonly string[],
    private readonly print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
  ) {
    names.forEach((name, index) => this.colours.set(name, COLOURS[index % COLOURS.length]!));
  }

  say(name: string, line: string): void {
    const width = Math.max(...this.names.map(({ length }) => length));
    this.print(`${styleText(this.colours.get(name) ?? 'white', name.padEnd(width))} | ${line}`);
  }

  follow(name: string, stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => this.say(name, line));
  }
}
