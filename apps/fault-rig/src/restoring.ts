import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { POISONED } from './faults/poison.js';
import type { Copy } from './faults/copy-to-restore.js';
import type { Surroundings } from './faults/fault.js';
import { copyDatabase } from './storage/copy.js';
import { openEvents } from './storage/open-stores.js';

const REFUSED_WITHIN_MS = 20_000;
const SETTLED_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;
/** For how long nothing is appended when nothing is under way any more, in milliseconds. */
const QUIET_MS = 2_000;

/**
 * Puts a copy back while no process runs: events and documents together, or one of them beside what the other is now.
 * Documents that are older than the events catch up. Events that are older than the documents are refused aloud, and the
 * way out is to give them documents of their own, which are made anew.
 * @returns whether it is what was acknowledged by the time of the copy that is there now, and no more
 */
export async function putBack({ folder, fleet, ledger }: Surroundings, { file, restored }: Copy): Promise<boolean> {
  const now = join(folder.data, 'now.db');
  const then = join(folder.data, 'restored.db');
  copyDatabase(folder.databaseFile, now); // its log included
  copyFileSync(file, then);
  folder.databaseFile = restored === 'documents' ? now : then;
  folder.documentsFile = restored === 'events and documents' ? undefined : restored === 'documents' ? then : now;
  if (restored !== 'events') return restored !== 'documents';

  const [marketplace] = fleet.marketplaces;
  marketplace!.start({ mended: true });
  const until = performance.now() + REFUSED_WITHIN_MS;
  const isRefused = () => /another log/.test(marketplace!.said);
  while (!isRefused() && !marketplace!.ready && performance.now() < until) await delay(LOOK_EVERY_MS);
  if (!isRefused())
    ledger.wrong('unexpected', `documents that are newer than the log were taken: ${marketplace!.said}`);
  await marketplace!.end('SIGKILL');
  folder.documentsFile = join(folder.data, 'anew.db');
  return true;
}

/** Waits until every order has ended, and nothing more is appended. */
export async function settleQuietly({ folder, fleet, ledger }: Surroundings): Promise<void> {
  const until = performance.now() + SETTLED_WITHIN_MS;
  const store = await openEvents(folder.eventsUrl);
  try {
    let [last, since] = [-1n, performance.now()];
    for (;;) {
      const open = await openOrders(fleet.urls[0]!);
      const { position } = await store.head();
      if (position !== last || open.length > 0) [last, since] = [position, performance.now()];
      if (performance.now() - since > QUIET_MS) return;
      if (performance.now() > until) return ledger.wrong('stuck', `orders do not end: ${open.join(', ')}`);
      await delay(LOOK_EVERY_MS);
    }
  } finally {
    await store.close();
  }
}

async function openOrders(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/ordering/orders?status=placed&limit=200`);
  const { items } = (await answer.json()) as { items?: readonly { readonly orderId: string }[] };
  return (items ?? []).map(({ orderId }) => orderId).filter((orderId) => !orderId.startsWith(POISONED));
}
