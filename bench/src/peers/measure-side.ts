import { orderEventToAppend } from '../domain/sample-events.js';
import type { Side, SideModule, SideSettings } from './side.js';

/** What is measured: each is a rate. */
export type Work = 'append' | 'append-64' | 'load' | 'handle' | 'project';

/** What the task is given. */
export interface ToMeasure {
  readonly module: string;
  readonly work: Work;
  /** An empty one. */
  readonly folder: string;
  readonly quick: boolean;
}

/** What it found. */
export interface Measured {
  /** Events, loads or commands a second. */
  readonly rate: number;
  readonly settings: SideSettings;
}

const IN_FLIGHT = 64;
const EVENTS_EACH = 10;
const LONG_ORDERS = 10;
const LONG_ORDER_EVENTS = 1_000;
/** Events of an aggregate on which commands are handled. */
const HANDLED_EVENTS = 20;

/** Measures one kind of work on one side, in a process of its own: some of them are one of a kind in theirs. */
export async function run({ module, work, folder, quick }: ToMeasure): Promise<Measured> {
  const side = await ((await import(module)) as SideModule).open(folder);
  const milliseconds = quick ? 200 : 1_000;
  const rate = await WORKS[work](side, milliseconds, quick);
  const settings = await side.settings();
  await side.close();
  return { rate, settings };
}

const WORKS: Readonly<Record<Work, (side: Side, milliseconds: number, quick: boolean) => Promise<number>>> = {
  append: (side, milliseconds) => appends(side, 1, milliseconds),
  'append-64': (side, milliseconds) => appends(side, side.overlaps ? IN_FLIGHT : 1, milliseconds),

  async load(side, milliseconds) {
    for (let n = 0; n < LONG_ORDERS; n++) await side.append(n, 0, eventsOf(n, LONG_ORDER_EVENTS));
    return timed(1, milliseconds, async (count) => {
      const lines = await side.load(count % LONG_ORDERS);
      if (lines !== LONG_ORDER_EVENTS - 1) throw new Error(`An order has ${lines} lines`);
    });
  },

  async handle(side, milliseconds) {
    const orders = IN_FLIGHT * 2;
    for (let n = 0; n < orders; n++) await side.append(n, 0, eventsOf(n, HANDLED_EVENTS));
    const inFlight = side.overlaps ? IN_FLIGHT : 1;
    return timed(inFlight, milliseconds, (count) => side.addLine(count % orders, count));
  },

  async project(side, _milliseconds, quick) {
    const orders = quick ? 300 : 1_000;
    for (let n = 0; n < orders; n++) await side.append(n, 0, eventsOf(n, EVENTS_EACH));
    const start = performance.now();
    await side.project(orders * EVENTS_EACH);
    const taken = performance.now() - start;
    const lines = await side.projectedLines();
    if (lines !== orders * (EVENTS_EACH - 1)) throw new Error(`The documents have ${lines} lines`);
    return ((orders * EVENTS_EACH) / taken) * 1_000;
  },
};

function appends(side: Side, inFlight: number, milliseconds: number): Promise<number> {
  let orders = 0;
  const next = Array.from({ length: inFlight }, () => ({ n: orders++, revision: 0 }));
  return timed(inFlight, milliseconds, async (_count, writer) => {
    const { n, revision } = next[writer]!;
    await side.append(n, revision, [orderEventToAppend(n, revision)]);
    next[writer] = revision + 1 < EVENTS_EACH ? { n, revision: revision + 1 } : { n: orders++, revision: 0 };
  });
}

/** Does it again and again, so many at a time; the first third does not count. @returns how often a second */
async function timed(
  inFlight: number,
  milliseconds: number,
  work: (count: number, writer: number) => Promise<unknown>,
): Promise<number> {
  let [count, warm] = [0, 0];
  const start = performance.now();
  let warmSince = start;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, writer) => {
      for (let now = start; now - start < 1.5 * milliseconds; now = performance.now()) {
        if (warm === 0 && now - start > milliseconds / 2) [warm, warmSince] = [count, now];
        await work(count++, writer);
      }
    }),
  );
  return ((count - warm) / (performance.now() - warmSince)) * 1_000;
}

function eventsOf(n: number, count: number) {
  return Array.from({ length: count }, (_, revision) => orderEventToAppend(n, revision));
}
