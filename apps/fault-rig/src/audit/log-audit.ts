import { categoryOf, type RecordedEvent } from '@gesta/core';
import Database from 'better-sqlite3';
import { POISONED } from '../faults/poison.js';
import type { Ledger } from '../ledger.js';
import type { Acknowledged } from '../load/acknowledged.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';
import { openEvents } from '../storage/open-stores.js';
import { isOutcome, OutcomeAudit } from './outcome-audit.js';
import { StockAudit } from './stock-audit.js';

interface OrderInLog {
  /** Where it was placed; more than once is once too often. */
  readonly placedAt: string[];
  readonly customers: string[];
  readonly steps: string[];
}

/**
 * Reads the whole log without the library's help and compares it with what customers were told: what was acknowledged is
 * there, where it was said to be, and once; every order has ended; no unit of stock is sold twice or held for ever; no
 * command came to two things.
 * @returns how many events there are
 */
export async function auditLog(
  folder: ExecutionFolder,
  { placed, received, races }: Acknowledged,
  ledger: Ledger,
): Promise<number> {
  const orders = new Map<string, OrderInLog>();
  const stock = new StockAudit();
  const outcomes = new OutcomeAudit();
  const ids = new Set<string>();
  const revisions = new Map<string, number>();
  let last = 0n;
  let count = 0;
  const look = (event: RecordedEvent) => {
    const { id, streamId, revision, position } = event;
    if (ids.has(id)) ledger.wrong('doubled', `event ${id} in ${streamId}`);
    if (position <= last) ledger.wrong('doubled', `position ${position} after ${last}`);
    if (revision !== (revisions.get(streamId) ?? -1) + 1)
      ledger.wrong('lost', `${streamId} has revision ${revision} after ${revisions.get(streamId)}`);
    ids.add(id);
    revisions.set(streamId, revision);
    last = position;
    count++;
    if (streamId.includes(POISONED)) return;
    const category = categoryOf(streamId);
    if (category !== 'ordering.order' && category !== 'inventory.item') return;
    outcomes.took(event, ledger);
    if (isOutcome(event)) return;
    if (category === 'ordering.order') step(orders, event);
    else stock.took(event);
  };

  const store = await openEvents(folder.eventsUrl);
  try {
    for await (const { events } of store.readAll()) for (const event of events) look(event);
  } finally {
    await store.close();
  }

  for (const { orderId, position } of placed) {
    const at = orders.get(orderId)?.placedAt[0];
    if (at === undefined)
      ledger.wrong('lost', `order ${orderId} was acknowledged at ${position} and is not in the log`);
    else if (at !== position) ledger.wrong('doubled', `order ${orderId} is at ${at}, acknowledged at ${position}`);
  }
  for (const { orderId, customerId } of races) {
    const winner = orders.get(orderId)?.customers[0];
    if (winner !== customerId) ledger.wrong('lost', `${orderId} was promised to ${customerId} and went to ${winner}`);
  }
  for (const [orderId, { placedAt, steps }] of orders) {
    if (placedAt.length !== 1) ledger.wrong('doubled', `order ${orderId} was placed at ${placedAt.join(' and ')}`);
    if (new Set(steps).size !== steps.length) ledger.wrong('doubled', `order ${orderId}: ${steps.join(', ')}`);
    if (steps.at(-1) === 'placed') ledger.wrong('stuck', `order ${orderId} has no end state`);
  }
  const ends = new Map([...orders].map(([orderId, { steps }]) => [orderId, steps.at(-1)]));
  stock.close(received, (orderId) => ends.get(orderId), ledger);
  if (!folder.servers) checkFile(folder, ledger);
  return count;
}

function step(orders: Map<string, OrderInLog>, { type, data, position }: RecordedEvent): void {
  const orderId = data.orderId as string;
  let order = orders.get(orderId);
  if (!order) orders.set(orderId, (order = { placedAt: [], customers: [], steps: [] }));
  const what = type.slice('ordering.order-'.length);
  order.steps.push(what);
  if (what !== 'placed') return;
  order.placedAt.push(position.toString());
  order.customers.push(data.customerId as string);
}

/** Whether SQLite finds every page of the file where it belongs. */
function checkFile({ databaseFile }: ExecutionFolder, ledger: Ledger): void {
  const db = new Database(databaseFile, { readonly: true });
  try {
    const said = db.pragma('integrity_check', { simple: true });
    if (said !== 'ok') ledger.wrong('unexpected', `the file is damaged: ${String(said)}`);
  } finally {
    db.close();
  }
}
