import type { WriteStream } from 'node:tty';
import type { Row } from './rows.js';

/** Says on the error stream what is being measured: one line that changes on a terminal, plain lines elsewhere. */
export class Progress {
  private row = '';
  private last = '';

  constructor(
    private readonly rows: number,
    private readonly stream: WriteStream = process.stderr,
  ) {}

  /** The index-th row begins, from 0. */
  begin(index: number, { title }: Row): void {
    this.row = `[${index + 1}/${this.rows}] ${title}`;
    this.tell('');
  }

  /** How far the row is. */
  tell(text: string): void {
    const line = text ? `${this.row}: ${text}` : this.row;
    if (line === this.last) return;
    this.last = line;
    if (this.stream.isTTY) {
      this.clear();
      const { columns } = this.stream; // none where the terminal does not tell
      this.stream.write(columns > 0 ? line.slice(0, columns - 1) : line);
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  /** Something that stays on the screen. */
  note(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** Leaves an empty line for what comes next. */
  clear(): void {
    if (!this.stream.isTTY) return;
    this.stream.cursorTo(0);
    this.stream.clearLine(1);
  }
}
