import { randomInt } from 'node:crypto';

const IN_FLIGHT = 64;
const EVENTS_EACH = 10;

/** Appends the event at the revision of an order. */
export type AppendOrderEvent = (order: number, revision: number) => Promise<unknown>;

/**
 * 64 writers, each on streams of its own, ten events in each, one after the other.
 * @param milliseconds how long they begin with new streams
 * @returns events per second
 */
export async function writeInFlight(append: AppendOrderEvent, milliseconds: number): Promise<number> {
  const start = performance.now();
  let appended = 0;
  let next = unusedOrder();
  const writer = async () => {
    while (performance.now() - start < milliseconds) {
      const order = next++;
      for (let revision = 0; revision < EVENTS_EACH; revision++) await append(order, revision);
      appended += EVENTS_EACH;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  return (appended / (performance.now() - start)) * 1_000;
}

/** An order from which on there are none yet, most probably: the server may be one that keeps those of runs before. */
export function unusedOrder(): number {
  return randomInt(900_000_000);
}
