import { setTimeout as delay } from 'node:timers/promises';
import { slowClients } from '../load/slow-clients.js';
import type { Fault } from './fault.js';

/** Far more customers than can be served, and others who hold connections and do nothing. */
export const flood: Fault = {
  kind: 'flood',
  async strike({ customers, trade, folder }, random) {
    const share = folder.stage === 'file' ? 1 : 10; // as far fewer can be served
    const concurrency = Math.round(random.integer(100, 300) / share);
    const slow = random.integer(50, 150);
    const ms = random.integer(2_000, 5_000);
    const ends = customers.urls.map((url) => slowClients(url, slow));
    const ending = new AbortController();
    const day = trade.day({ orders: 5_000, concurrency, everyMs: 0 }, ending.signal);
    await delay(ms);
    ending.abort();
    for (const end of ends) end();
    await day;
    return `${concurrency} customers at once and ${2 * slow} slow ones for ${ms} ms`;
  },
};
