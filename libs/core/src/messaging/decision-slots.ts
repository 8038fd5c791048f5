interface Slot {
  /** `open` when it came to nothing that is known: the same decision may come again. */
  state: 'running' | 'open' | 'resolved';
  readonly kind: unknown;
  readonly content: string | undefined;
}

/**
 * The decisions of one message on one stream, numbered in the order of their beginning. One that failed without a result
 * leaves its number to whoever tries again: whoever says the same, else whoever gives a command of the same class.
 */
export class DecisionSlots {
  private readonly slots: Slot[] = [];

  /** @param kind the command's class, and `content` what it says; `undefined` where nothing is known of it */
  take(kind: unknown, content: string | undefined) {
    const open = (matches: (slot: Slot) => boolean) =>
      this.slots.findIndex((slot) => slot.state === 'open' && matches(slot));
    let index = open((slot) => slot.kind === kind && slot.content === content);
    if (index < 0) index = open((slot) => slot.kind === kind);
    if (index < 0) index = this.slots.length;
    const slot: Slot = { state: 'running', kind, content };
    this.slots[index] = slot;
    return {
      index,
      resolve: () => {
        slot.state = 'resolved';
      },
      end: () => {
        if (slot.state === 'running') slot.state = 'open';
      },
    };
  }
}
