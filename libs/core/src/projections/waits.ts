/** So many wait for read models in this process that one more is not let in. Asking again later may work. */
export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
  constructor(readonly most: number) {
    super(`${most} wait for read models in this process already (maxWaiting); ask again later`);
  }
}

const MOST_WAITING = 1_000;

/** Those of one process who wait for read models: no more than a bound. */
export class Waits {
  private waiting = 0;

  constructor(private readonly most = MOST_WAITING) {}

  /** @throws {TooManyWaiting} */
  async within<T>(wait: () => Promise<T>): Promise<T> {
    if (this.waiting >= this.most) throw new TooManyWaiting(this.most);
    this.waiting++;
    try {
      return await wait();
    } finally {
      this.waiting--;
    }
  }
}
