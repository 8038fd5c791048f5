import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Deployment } from './deployment.js';
import type { ExecutionFolder } from './execution-folder.js';
import { freePort } from './free-port.js';
import type { GestaCommand } from './gesta-command.js';
import { Marketplace } from './marketplace.js';

/** How often memory is looked at, in milliseconds. */
const SAMPLE_EVERY_MS = 500;
/** More than this is not bounded any more, in megabytes. */
const MEMORY_LIMIT_MB = 700;

/** The processes of one run: two marketplaces on one file, and the `gesta` commands that work on it meanwhile. */
export class Fleet {
  /** Commands under way. */
  readonly commands = new Set<GestaCommand>();
  private readonly sampling: NodeJS.Timeout;

  private constructor(
    readonly marketplaces: readonly Marketplace[],
    private readonly ledger: Ledger,
  ) {
    this.sampling = setInterval(() => this.sample(), SAMPLE_EVERY_MS);
  }

  static async prepare(folder: ExecutionFolder, ledger: Ledger): Promise<Fleet> {
    const names = ['a', 'b'];
    const ports = await Promise.all(names.map(freePort));
    const endedByItself = (marketplace: Marketplace, opened: boolean, how: string) => {
      ledger.restarts++;
      // One that cannot open the file says so and ends; it is tried again. One that was open has no reason to end.
      if (opened) ledger.wrong('unexpected', `marketplace ${marketplace.name} ended by itself with ${how}`);
      else console.log(`  marketplace ${marketplace.name} did not start: ${how}`);
    };
    return new Fleet(
      names.map((name, index) => new Marketplace(name, ports[index]!, folder, { endedByItself })),
      ledger,
    );
  }

  get urls(): readonly string[] {
    return this.marketplaces.map(({ url }) => url);
  }

  one(random: Random): Marketplace {
    return this.marketplaces[random.integer(0, this.marketplaces.length - 1)]!;
  }

  start(deployment?: Deployment): void {
    for (const marketplace of this.marketplaces) marketplace.start(deployment);
  }

  /** Starts one that was ended. */
  restart(marketplace: Marketplace, deployment?: Deployment): void {
    this.ledger.restarts++;
    marketplace.start(deployment);
  }

  /** Kills every process that has the file open. */
  async killAll(): Promise<void> {
    for (const command of this.commands) command.kill('SIGKILL');
    await Promise.all(this.marketplaces.map((marketplace) => marketplace.end('SIGKILL')));
    await Promise.all([...this.commands].map((command) => command.ended));
  }

  /** Resolves when all are ready, or at the signal. @returns those that are not */
  async ready(timeoutMs: number, signal?: AbortSignal): Promise<readonly Marketplace[]> {
    const until = performance.now() + timeoutMs;
    const late = () => this.marketplaces.filter(({ ready }) => !ready);
    while (late().length > 0 && performance.now() < until && !signal?.aborted) await delay(20);
    return late();
  }

  async close(): Promise<void> {
    clearInterval(this.sampling);
    await this.killAll();
    await Promise.all(this.marketplaces.map((marketplace) => marketplace.close()));
  }

  private sample(): void {
    for (const marketplace of this.marketplaces) {
      const { memoryMb, name } = marketplace;
      if (memoryMb > MEMORY_LIMIT_MB && this.ledger.peakMemoryMb <= MEMORY_LIMIT_MB)
        this.ledger.wrong('unexpected', `marketplace ${name} has ${memoryMb} MB, more than ${MEMORY_LIMIT_MB}`);
      this.ledger.peakMemoryMb = Math.max(this.ledger.peakMemoryMb, memoryMb);
    }
  }
}
