/** Where a command's events ended up. */
export interface Answer {
  readonly revision: number;
  readonly position: bigint;
}

/** How many of a stream's latest command ids are remembered. A repeat that comes later than that is decided anew. */
export const ANSWER_WINDOW = 1_000;

/** The answers to a stream's latest commands, by command id. */
export class KnownAnswers {
  private readonly answers = new Map<string, Answer>();

  get(commandId: string): Answer | undefined {
    return this.answers.get(commandId);
  }

  remember(commandId: string, { revision, position }: Answer): void {
    this.answers.delete(commandId);
    this.answers.set(commandId, { revision, position });
    if (this.answers.size > ANSWER_WINDOW) this.answers.delete(this.answers.keys().next().value!);
  }

  /** Oldest first. */
  entries(): IterableIterator<[string, Answer]> {
    return this.answers.entries();
  }
}
