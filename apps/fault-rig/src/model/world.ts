import { setTimeout as delay } from 'node:timers/promises';
import {
  event,
  eventDefinition,
  MemoryDocumentStore,
  MemoryEventStore,
  type Class,
  type Gesta,
  type RecordedEvent,
} from '@gesta/core';
import { Random } from '@marketplace/simulator';
import { openBank, type BankParts } from './bank-process.js';
import { Account, BY_A_CLIENT, Deposited, mailer, TransferAsked, type Sent } from './bank.js';
import { FaultyPorts } from './faulty-ports.js';
import { difference, type Difference } from './oracle.js';
import { Balances, busyAccounts } from './read-models.js';

const ACCOUNTS = ['a', 'b', 'c'];
const AMOUNTS = [1, 2, 3, 5, 13, 17];
const LEASE_MS = 250;
const DAY_MS = 86_400_000;
/** How long a world may take to come to rest when nothing happens to it any more, in milliseconds. */
const REST_WITHIN_MS = 60_000;
/** And how often it is looked at in any case: a machine with too much to do gives no world its time. */
const REST_WITHIN_LOOKS = 400;

/** What one run saw. */
export interface Outcome {
  readonly seed: number;
  readonly differences: readonly Difference[];
  readonly deaths: number;
  readonly faults: number;
  /** The last faults, for whoever looks for the cause. */
  readonly trace: readonly string[];
}

interface Process {
  readonly ports: FaultyPorts;
  gesta?: Gesta;
}

/**
 * A bank of a few accounts on one log, run by two or three processes that fail, stand still, die and are started again
 * while operators rebuild, roll back, prune and cancel, all by chance. At the end nothing happens to it any more, and what
 * it has come to is compared with what the log says.
 */
export class World {
  private readonly chance: Random;
  private readonly events = new MemoryEventStore();
  private readonly documents = new MemoryDocumentStore();
  private readonly sent: Sent[] = [];
  private readonly processes: Process[] = [];
  private readonly trace: string[] = [];
  private readonly probability: number;
  private readonly parts: Omit<BankParts, 'now'>;
  private deaths = 0;
  private faults = 0;
  private calm = false;
  private mended = false;
  private over = false;

  constructor(private readonly seed: number) {
    this.chance = new Random(seed);
    this.probability = this.oneOf([0.002, 0.006, 0.015, 0.03]);
    this.parts = {
      projections: [Balances, busyAccounts(() => this.mended)],
      mail: mailer(this.sent, () => !this.calm && this.chance.chance(0.02)),
      leaseMs: LEASE_MS,
    };
  }

  async run(): Promise<Outcome> {
    const processes = this.chance.integer(2, 3);
    for (let index = 0; index < processes; index++) this.begin();
    const clients = await this.trade();
    await delay(this.chance.next() * 150);
    this.calm = this.mended = true;
    await Promise.race([clients, delay(5_000)]);
    for (const { ports } of this.processes) if (this.chance.chance(0.5)) ports.die();
    const last = await this.open(new FaultyPorts({ ...this.circumstances(), faults: () => 0 }));
    const { stuck, live } = await this.comesToRest(last);
    const differences = stuck ?? (await this.difference(live));
    this.over = true;
    for (const { ports } of this.processes) ports.die();
    await last.stop();
    const { seed, deaths, faults, trace } = this;
    return { seed, differences, deaths, faults, trace: trace.slice(-12) };
  }

  /** Transfers, clients and operators. @returns when the clients have been answered */
  private async trade(): Promise<unknown> {
    const clients: Promise<void>[] = [];
    for (const account of ACCOUNTS) {
      if (this.chance.chance(0.8)) clients.push(this.deposit(`${account}0`, account, this.chance.integer(5, 25)));
    }
    const transfers = this.chance.integer(6, 20);
    for (let index = 0; index < transfers; index++) {
      await this.ask(`transfer${index}`);
      if (this.chance.chance(0.15)) clients.push(this.deposit(`x${index}`, this.oneOf(ACCOUNTS), this.oneOf(AMOUNTS)));
      if (this.chance.chance(0.12)) this.operate();
      if (this.chance.chance(0.1)) this.retryLetters();
      if (this.chance.chance(0.1)) this.mended = true;
      if (this.chance.chance(0.6)) await delay(this.chance.next() * 40);
    }
    return Promise.all(clients);
  }

  private async ask(transfer: string): Promise<void> {
    const data = { transfer, from: this.oneOf(ACCOUNTS), to: this.oneOf(ACCOUNTS), amount: this.oneOf(AMOUNTS) };
    const { type, version } = eventDefinition(TransferAsked);
    const asked = { id: crypto.randomUUID(), type, version, commandId: undefined, headers: {}, data };
    await this.events.append(`model.transfer-${transfer}`, [asked], { expected: 'no-stream' });
  }

  /** A client deposits under an id, at whatever process, until it is answered; now and then at two at once. */
  private async deposit(name: string, account: string, amount: number): Promise<void> {
    const commandId = `${BY_A_CLIENT}${name}`;
    const once = async (gesta: Gesta) => {
      const deposit = () => event(Deposited, { transfer: commandId, amount });
      await gesta.repository(Account).transact(account, deposit, { commandId });
    };
    while (!this.over) {
      const some = [this.alive(), this.chance.chance(0.2) ? this.alive() : undefined].filter(
        (gesta) => gesta !== undefined,
      );
      const tries = some.map((gesta) =>
        once(gesta).then(
          () => true,
          () => false,
        ),
      );
      if (await Promise.race([...tries, delay(60).then(() => false)])) return;
      await delay(5);
    }
  }

  private operate(): void {
    const gesta = this.alive();
    if (!gesta) return;
    const projection = this.oneOf(['balances', 'busy-accounts']);
    const what = this.oneOf(['rebuild', 'rebuild', 'rebuild twice', 'rollBack', 'prune', 'cancelRebuild'] as const);
    this.happened(`${what} ${projection}`);
    const signal = this.chance.chance(0.3) ? AbortSignal.timeout(this.chance.integer(1, 60)) : undefined;
    const acts: Promise<unknown>[] =
      what === 'rebuild' || what === 'rebuild twice'
        ? [gesta.rebuild(projection, signal && { signal })]
        : [gesta[what](projection)];
    if (what === 'rebuild twice') acts.push((this.alive() ?? gesta).rebuild(projection));
    for (const act of acts) act.catch(() => undefined); // refused, or its process died: what it left behind is what counts
  }

  private retryLetters(): void {
    const letters = this.alive()?.deadLetters;
    const retry = async () => {
      const ids = (await letters?.list())?.map(({ id }) => id) ?? [];
      if (ids.length > 0) await letters!.retry(ids);
    };
    retry().catch(() => undefined);
  }

  private begin(): void {
    const ports = new FaultyPorts({
      ...this.circumstances(),
      died: () => {
        this.deaths++;
        void process.gesta?.stop().catch(() => undefined); // its timers; none of its calls comes back
        if (!this.calm) void delay(5 + this.chance.next() * 60).then(() => this.calm || this.begin());
      },
    });
    const process: Process = { ports };
    this.processes.push(process);
    this.open(ports).then(
      (gesta) => {
        process.gesta = gesta;
        if (ports.isGone) void gesta.stop().catch(() => undefined);
      },
      () => ports.die(), // it could not start: it is started again
    );
  }

  private async open(ports: FaultyPorts): Promise<Gesta> {
    const apart = this.chance.chance(0.3) ? this.chance.integer(-2, 2) * DAY_MS : 0;
    // Deadlines come early or late by such a clock; what is compared at the end is what the log says of them.
    const now = () => new Date(Date.now() + (this.calm ? 0 : apart));
    const gesta = await openBank(ports.events(this.events), ports.documents(this.documents), { ...this.parts, now });
    await gesta.start();
    return gesta;
  }

  private circumstances() {
    return {
      chance: this.chance,
      faults: () => (this.calm ? 0 : this.probability),
      pauseMs: () => LEASE_MS * (1.2 + this.chance.next() * 2),
      happened: (what: string) => {
        this.faults++;
        this.happened(what);
      },
      died: () => undefined,
    };
  }

  private happened(what: string): void {
    this.trace.push(what);
  }

  private alive(): Gesta | undefined {
    const living = this.processes.filter(({ ports, gesta }) => !ports.isGone && gesta);
    return living.length > 0 ? this.oneOf(living).gesta : undefined;
  }

  /** @returns what is live when it comes to rest, as a rebuild may still end after that; or what keeps it from that */
  private async comesToRest(last: Gesta): Promise<Rest> {
    const end = performance.now() + REST_WITHIN_MS;
    let before = -1n;
    let quiet = 0;
    let why = '';
    let live: ReadonlySet<string> = new Set();
    for (let looks = 0; looks < REST_WITHIN_LOOKS || performance.now() < end; looks++) {
      await delay(40);
      live = await this.liveGenerations(last);
      // Those of generations that are not live are nobody's.
      const letters = (await last.deadLetters.list()).filter(
        ({ reader }) => !reader.startsWith('projection.') || live.has(reader),
      );
      const toAsk = letters.filter(({ requested }) => !requested).map(({ id }) => id);
      if (toAsk.length > 0) await last.deadLetters.retry(toAsk).catch(() => undefined);
      const instances = await this.documents.collection('process.transfer');
      const due = await instances.count({ dueAt: { $lte: Date.now() + 1_000 } });
      // The one before is shown until the live one is as far; that it has become live is seen at the next look.
      const behind = (await last.status()).filter(
        ({ reader, kind, lag, error }) =>
          lag > 0n || error !== undefined || (kind === 'projection' && !live.has(reader)),
      );
      const { position } = await this.events.head();
      why =
        `letters: ${letters.map(({ reader, key, error }) => `${reader} ${key} ${error.message}`).join(', ')}; ` +
        `due: ${due}; behind: ${behind.map(({ reader, lag, error }) => `${reader} by ${lag} ${error ?? ''}`).join(', ')}`;
      quiet = letters.length === 0 && due === 0 && behind.length === 0 && position === before ? quiet + 1 : 0;
      if (quiet >= 3) return { live };
      before = position;
    }
    return { live, stuck: [{ kind: 'stuck', what: why }] };
  }

  private async difference(live: ReadonlySet<string>): Promise<readonly Difference[]> {
    const log: RecordedEvent[] = [];
    for await (const { events } of this.events.readAll()) log.push(...events);
    return difference(log, this.documents, this.sent, this.parts.projections.map(byName(live)));
  }

  private async liveGenerations(gesta: Gesta): Promise<ReadonlySet<string>> {
    const projections = await gesta.projections();
    return new Set(
      projections.map(({ live, generations }) => generations.find(({ number }) => number === live)!.reader),
    );
  }

  private oneOf<T>(items: readonly T[]): T {
    return items[this.chance.integer(0, items.length - 1)]!;
  }
}

/** What a world has come to. */
interface Rest {
  readonly live: ReadonlySet<string>;
  readonly stuck?: readonly Difference[];
}

/** Each projection with the collection that is live. */
function byName(live: ReadonlySet<string>) {
  return (projectionClass: Class, index: number) => ({ projectionClass, collection: [...live][index]! });
}
