import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import { statSync } from 'node:fs';
import type { Fault, Surroundings } from './fault.js';

/** There is no room left on the file system (ENOSPC). It takes the rights to mount one. */
export const diskFull: Fault = {
  kind: 'disk-full',
  on: ['file'],
  async strike(surroundings, random) {
    const { fileSystem } = surroundings;
    const ms = random.integer(1_000, 5_000);
    fileSystem.fill();
    try {
      await Promise.all([delay(ms), stillReadable(surroundings, random)]);
    } finally {
      fileSystem.free();
    }
    return `no room for ${ms} ms`;
  },
};

/** The processes may make no file larger (EFBIG, and half-written pages before it): a full disk for ordinary users. */
export const fileLimit: Fault = {
  kind: 'file-limit',
  on: ['file'],
  async strike(surroundings, random) {
    const { fleet, folder } = surroundings;
    const limited = random.chance(0.5) ? fleet.marketplaces : [fleet.one(random)];
    const ms = random.integer(1_000, 5_000);
    const log = statSync(`${folder.databaseFile}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const bytes = random.chance(0.5) ? 0 : log + random.integer(0, 100_000);
    for (const marketplace of limited) marketplace.limitFileSize(bytes);
    try {
      await Promise.all([delay(ms), stillReadable(surroundings, random)]);
    } finally {
      for (const marketplace of limited) marketplace.limitFileSize(undefined);
    }
    const names = limited.map(({ name }) => name).join(' and ');
    return `${names} may write no file past ${bytes} bytes for ${ms} ms`;
  },
};

/** Long, as it may be overrun by customers at the same time. */
const READABLE_WITHIN_MS = 30_000;
const ORDERS = 5;

/** What was acknowledged before stays readable, though nothing can be written. */
async function stillReadable({ fleet, trade, ledger }: Surroundings, random: Random): Promise<void> {
  const placed = trade.days.flatMap((day) => day.placed.slice(0, -20));
  const marketplaces = fleet.marketplaces.filter(({ ready }) => ready);
  if (placed.length === 0) return;
  for (const { url, name } of marketplaces) {
    for (let count = 0; count < ORDERS; count++) {
      const { orderId } = placed[random.integer(0, placed.length - 1)]!;
      const status = await statusOf(`${url}/api/ordering/orders/${orderId}`);
      // 404: its projection may be behind, as another fault may have come just before. Whether it is lost, the end tells.
      if (status !== 200 && status !== 404)
        ledger.wrong('unexpected', `${name} answered ${status} to a reader while nothing could be written`);
    }
  }
}

async function statusOf(url: string): Promise<number | string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(READABLE_WITHIN_MS) });
    await response.text();
    return response.status;
  } catch (error) {
    return (error as Error).message;
  }
}
