/** Other writers were first, time and again, until the bound of attempts was reached. Nothing was appended; trying later may work. */
export class ConcurrencyConflict extends Error {
  override readonly name = 'ConcurrencyConflict';
  constructor(
    readonly streamId: string,
    readonly attempts: number,
    cause: unknown,
  ) {
    super(`${streamId} changed under ${attempts} decisions in a row`, { cause });
  }
}
