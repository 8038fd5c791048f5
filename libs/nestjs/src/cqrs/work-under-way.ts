/** The part of a command or query bus by which its handlers are asked. */
export interface ExecutingBus {
  execute(message: never, ...rest: never[]): unknown;
}

/** What Nest knows of a provider, as far as an event bus asks for it. */
interface HandlerProvider {
  readonly instance: Handler;
}

interface Handler {
  handle(event: unknown): unknown;
}

/** Of an event bus: where it binds listeners, and where it has those made that live no longer than a request. */
interface ListeningBus {
  bind(provider: HandlerProvider, id: string): void;
  moduleRef: { resolve(...asked: readonly unknown[]): Promise<Handler> };
}

/** Knows which commands, queries and events are being handled, whatever they came by: HTTP, a timer, a queue. */
export class WorkUnderWay {
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly watched = new WeakSet<object>();
  private areLeft = false;

  /** Counts what is executed on the bus from now on. */
  watch(bus: ExecutingBus): void {
    if (this.isWatched(bus)) return;
    const execute = bus.execute.bind(bus);
    bus.execute = (...message) => {
      const { areLeft } = this;
      const executing = execute(...message);
      if (!areLeft) this.count(executing);
      return executing;
    };
  }

  /** Counts what `@EventsHandler`s do that are bound to the bus from now on; publishing waits for none of them. */
  watchListeners(eventBus: object): void {
    if (this.isWatched(eventBus)) return;
    const bus = eventBus as ListeningBus;
    const bind = bus.bind.bind(bus);
    bus.bind = (provider, id) =>
      bind(Object.create(provider, { instance: { get: () => this.counted(provider.instance) } }), id);
    const { moduleRef } = bus;
    const resolve = async (...asked: readonly unknown[]) => this.counted(await moduleRef.resolve(...asked));
    bus.moduleRef = Object.create(moduleRef, { resolve: { value: resolve } }) as ListeningBus['moduleRef'];
  }

  private counted(handler: Handler): Handler {
    return {
      handle: (event) => {
        const handling = handler.handle(event);
        this.count(handling);
        return handling;
      },
    };
  }

  private isWatched(bus: object): boolean {
    const is = this.watched.has(bus);
    this.watched.add(bus);
    return is;
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

  /** Resolves once nothing is being handled, which what ends may have begun too. */
  async ended(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }
}
