/** The part of a command bus by which commands are executed. */
export interface ExecutingBus {
  execute(command: never, ...rest: never[]): unknown;
}

/** Knows which commands are being executed, whatever they came by: HTTP, a timer, a queue. */
export class CommandsUnderWay {
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly watched = new WeakSet<ExecutingBus>();
  private areLeft = false;

  /** Counts what is executed on the bus from now on. */
  watch(bus: ExecutingBus): void {
    if (this.watched.has(bus)) return;
    this.watched.add(bus);
    const execute = bus.execute.bind(bus);
    bus.execute = (...command) => {
      const { areLeft } = this;
      const executing = execute(...command);
      if (!areLeft) this.count(executing);
      return executing;
    };
  }

  private count(executing: unknown): void {
    const counted = Promise.resolve(executing).then(
      () => undefined,
      () => undefined,
    );
    this.underWay.add(counted);
    void counted.then(() => this.underWay.delete(counted));
  }

  /** Leaves a command uncounted: somebody else waits for it. */
  uncounted<T>(execute: () => T): T {
    this.areLeft = true;
    try {
      return execute();
    } finally {
      this.areLeft = false;
    }
  }

  /** Resolves once nothing is being executed, which what ends may have begun too. */
  async ended(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }
}
