/** What was accepted before takes too long already. Nothing was done. */
export class BacklogTooLong extends Error {
  override readonly name = 'BacklogTooLong';
  /** When it is likely to be taken, in whole seconds. */
  readonly retryAfterS: number;

  /**
   * @param ms how long it takes, by the pace that it has
   * @param mostMs how long it may
   */
  constructor(ms: number, mostMs: number) {
    super(
      `What was asked for before takes ${Math.round(ms / 1_000)} s, more than ${mostMs / 1_000} s; try again later`,
    );
    this.retryAfterS = Math.min(60, Math.max(1, Math.ceil((ms - mostMs) / 1_000)));
  }
}
