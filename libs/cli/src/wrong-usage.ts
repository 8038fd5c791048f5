/** The command was called in a way it cannot be: the message says what there is instead. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
