import { MarketplaceClient, UnexpectedAnswer, type ClientOptions, type Random } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import { Admission } from './admission.js';

/** How long a request is tried again before it counts as stuck, in milliseconds. */
const PATIENCE_MS = 180_000;

/** What all customers of a run have in common. */
export class Customers {
  /** Talks to any of the processes, at each try to another one. */
  readonly client: MarketplaceClient;

  private readonly admission = new Admission();

  constructor(
    readonly urls: readonly string[],
    private readonly random: Random,
    private readonly ledger: Ledger,
  ) {
    this.client = new MarketplaceClient(() => this.anyUrl(), this.options);
  }

  /** Talks to one process only. */
  clientOf(url: string): MarketplaceClient {
    return new MarketplaceClient(url, this.options);
  }

  anyUrl(): string {
    return this.urls[this.random.integer(0, this.urls.length - 1)]!;
  }

  /** Whether they are let in; readers do not look either while they are not. */
  get areAdmitted(): boolean {
    return this.admission.isOpen;
  }

  /** Serves a customer, once customers are let in. */
  serve<T>(work: () => Promise<T>): Promise<T> {
    return this.admission.during(work);
  }

  /** Lets nobody in while the work is done, which begins when nobody is inside any more. */
  closedDuring<T>(work: () => Promise<T>): Promise<T> {
    return this.admission.closedDuring(work);
  }

  /** Writes down an error of a request, as what it is. */
  failed(what: string, error: unknown): void {
    const stuck = error instanceof UnexpectedAnswer && error.status === undefined;
    this.ledger.wrong(stuck ? 'stuck' : 'unexpected', `${what}: ${(error as Error).message.slice(0, 500)}`);
  }

  private get options(): ClientOptions {
    return { patienceMs: PATIENCE_MS, refused: () => this.ledger.refused++ };
  }
}
