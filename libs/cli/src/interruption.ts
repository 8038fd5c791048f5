/** npm hands a key press on to a command that has had it from the terminal already: within so many milliseconds it is one. */
const ONE_KEY_PRESS_MS = 250;

/** What Ctrl-C does: at first the command is asked to stop, the second time it is ended at once. */
export class Interruption {
  private readonly asking = new AbortController();
  private since: number | undefined;

  /**
   * @param end ends the command at once
   * @param now a clock that does not jump, in milliseconds
   */
  constructor(
    private readonly end: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Aborts at the first Ctrl-C. */
  get stopping(): AbortSignal {
    return this.asking.signal;
  }

  /** Ctrl-C was pressed, or the process was asked to end in another way. */
  press(): void {
    if (this.since === undefined) {
      this.since = this.now();
      this.asking.abort();
    } else if (this.now() - this.since > ONE_KEY_PRESS_MS) {
      this.end();
    }
  }
}
