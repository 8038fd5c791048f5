/**
 * A regular expression that nobody can read, or that cannot be run in a time which grows no faster than the text. Where
 * it came with a request, the request is wrong, not the application.
 */
export class InvalidPattern extends RangeError {
  override readonly name = 'InvalidPattern';
  constructor(
    /** What the regular expression has that cannot be run, such as `a look-ahead`; absent where nobody can read it. */
    readonly has: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
