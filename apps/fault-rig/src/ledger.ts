/** What must not happen. */
export const WRONGS = ['lost', 'doubled', 'stuck', 'differing', 'unexpected'] as const;

/**
 * `lost`: it was acknowledged, and is not there. `doubled`: it is there more than once. `stuck`: it came to no end.
 * `differing`: a document, or an answer, is not what the log says. `unexpected`: anything else that should not happen,
 * such as a process that ends by itself.
 */
export type Wrong = (typeof WRONGS)[number];

/** How many of a kind are told in words. */
const TOLD = 20;

/** What a run has to answer for. */
export class Ledger {
  /** Orders, receipts of stock and cancellations that were answered with success; a repeat is not counted again. */
  acknowledged = 0;
  /** Tries that came to nothing and were made again: 503, a broken connection, no answer. */
  refused = 0;
  /** Answers that the customer did not wait for. */
  unheard = 0;
  /** Processes that were started again. */
  restarts = 0;
  /** Rebuilds and roll-backs that made another generation live. */
  rebuilds = 0;
  /** What readers saw while all this went on. */
  looks = 0;
  /** For how long faults happened. */
  minutes = 0;
  /** The most memory that one of the marketplace's processes had, in megabytes. */
  peakMemoryMb = 0;

  private readonly faults = new Map<string, number>();
  private readonly wrongs = new Map<Wrong, string[]>(WRONGS.map((wrong) => [wrong, []]));

  /**
   * @param kinds of faults; those that did not happen are told as 0
   * @param impossible the kinds that cannot happen on this machine
   */
  constructor(
    kinds: readonly string[],
    private readonly impossible: readonly string[] = [],
  ) {
    for (const kind of kinds) this.faults.set(kind, 0);
  }

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  /** @param what in words, for whoever looks for the cause */
  wrong(kind: Wrong, what: string): void {
    const before = this.wrongs.get(kind)!;
    before.push(what);
    if (before.length <= TOLD) console.log(`  ${kind}: ${what}`);
    else if (before.length === TOLD + 1) console.log(`  ${kind}: and more`);
  }

  /** Whether nothing was lost, doubled or stuck, nothing differed, and nothing unexpected happened. */
  get balances(): boolean {
    return this.acknowledged > 0 && WRONGS.every((kind) => this.count(kind) === 0);
  }

  count(kind: Wrong): number {
    return this.wrongs.get(kind)!.length;
  }

  /** The ledger in one line. */
  line(seed: number): string {
    const all = [...this.faults.values()].reduce((sum, count) => sum + count, 0);
    const kinds = [
      ...[...this.faults].map(([kind, count]) => `${kind} ${count}`),
      ...this.impossible.map((kind) => `${kind} not possible here`),
    ].join(', ');
    return [
      `ledger: acknowledged ${this.acknowledged}, ${WRONGS.map((kind) => `${kind} ${this.count(kind)}`).join(', ')}`,
      `refused ${this.refused}, unheard ${this.unheard}, restarts ${this.restarts}, rebuilds ${this.rebuilds}, looks ${this.looks}, peak memory ${this.peakMemoryMb} MB`,
      `faults ${all} (${kinds})`,
      `seed ${seed}, ${this.minutes.toFixed(1)} min`,
    ].join('; ');
  }
}
