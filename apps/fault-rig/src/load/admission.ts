/** A door: customers go in and come out; it can be closed, and is empty then before anything else begins. */
export class Admission {
  private inside = 0;
  private left = Promise.withResolvers<void>();
  private closed: Promise<unknown> | undefined;

  get isOpen(): boolean {
    return this.closed === undefined;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    while (this.closed) await this.closed;
    this.inside++;
    try {
      return await work();
    } finally {
      this.inside--;
      this.left.resolve();
    }
  }

  /** Whoever closes it while it is closed waits for the other one. */
  async closedDuring<T>(work: () => Promise<T>): Promise<T> {
    while (this.closed) await this.closed;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    try {
      while (this.inside > 0) {
        this.left = Promise.withResolvers();
        await this.left.promise;
      }
      return await work();
    } finally {
      this.closed = undefined;
      resolve();
    }
  }
}
