import { printable } from '@gesta/core';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where text goes: a terminal, or a file or a pipe. */
export type Destination = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command says: its result on stdout, for people or for machines; remarks to people on stderr. */
export class Output {
  constructor(
    readonly stdout: Destination,
    readonly stderr: Destination,
    /** Whether results are JSON. */
    readonly asJson: boolean,
  ) {}

  /** How many characters fit into a line; `undefined` where lines may be as long as they like. */
  get width(): number | undefined {
    return this.stdout.isTTY ? this.stdout.columns : undefined;
  }

  /** One or more lines of a result for people. */
  async print(text: string): Promise<void> {
    await write(this.stdout, `${printable(text)}\n`);
  }

  /** A result for machines, in one line. */
  async json(value: unknown): Promise<void> {
    await write(this.stdout, `${asJson(value)}\n`);
  }

  /** Results for machines, as one JSON array that is written as they come. */
  async jsonArray(values: AsyncIterable<unknown>): Promise<void> {
    let before = '[';
    for await (const value of values) {
      await write(this.stdout, `${before}${asJson(value)}`);
      before = ',\n';
    }
    await write(this.stdout, before === '[' ? '[]\n' : ']\n');
  }

  /** A remark that is no part of the result. */
  note(text: string): void {
    this.stderr.write(`${printable(text)}\n`);
  }
}

async function write(destination: Destination, text: string): Promise<void> {
  if (!destination.write(text)) await once(destination, 'drain');
}

/** Positions are past what JSON's numbers hold exactly: they are decimal strings. JSON may be looked at in a terminal too. */
function asJson(value: unknown): string {
  return printable(
    JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)),
  );
}
