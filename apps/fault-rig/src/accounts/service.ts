import 'reflect-metadata';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { Gesta, projectionDefinition, type Class } from '@gesta/core';
import { sqlite } from '@gesta/sqlite';
import { AccountLog, streamOf } from './account-log.js';
import { Balances, BalancesWithBug, type Balance } from './balances.projection.js';

/**
 * An application around one projection, for fault specs: `node service.js <store's URL> [with-bug]`. It prints its port.
 *
 * - `GET /accounts/<id>?after=<position>`, `GET /accounts` (how many there are)
 * - `POST /log?events=<n>&poisoned=<n>` appends an `AccountLog`, a thousand events at a time, each thousand after the read
 *   model has taken the one before: so all documents are folded as events come in
 * - `POST /accounts/<id>` appends one move
 * - `GET /reached` whether the projection is at the end of the log
 */
const [url, bug] = process.argv.slice(2) as [string, string | undefined];
const projectionClass: Class = bug === 'with-bug' ? BalancesWithBug : Balances;
const options = { now: () => new Date() };
const [events, documents] = await Promise.all([
  sqlite().openEventStore!(url, options),
  sqlite().openDocumentStore!(url, options),
]);
const definition = projectionDefinition(projectionClass, Reflect.construct(projectionClass, []) as object);
const gesta = await Gesta.open({ events, documents, projections: [{ projectionClass, definition }] });
const balances = gesta.readModel<Balance>(projectionClass);
gesta.start();

const AT_ONCE = 1_000;

async function fill(log: AccountLog): Promise<object> {
  for (let from = 0; from < log.events; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, log.events - from) }, (_, index) => from + index);
    const appended = await Promise.all(
      numbers.map((number) => events.append(streamOf(log.accountOf(number)), [log.event(number)], { expected: 'any' })),
    );
    await balances.waitFor(appended.reduce((last, { position }) => (position > last ? position : last), 0n));
  }
  return { events: log.events };
}

async function answer({ method, url: path }: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(path!, 'http://service');
  const number = (name: string) => (searchParams.has(name) ? Number(searchParams.get(name)) : undefined);
  const account = /^\/accounts\/(.+)$/.exec(pathname)?.[1];
  switch (`${method} ${pathname.split('/')[1]}`) {
    case 'POST log':
      return fill(new AccountLog(number('events')!, number('poisoned')));
    case 'POST accounts': {
      const data = { amount: { units: 1, currency: 'EUR' }, reference: 'one more' };
      const event = { id: randomUUID(), type: 'accounts.account-moved', version: 1, headers: {}, data };
      const { position } = await events.append(streamOf(account!), [event], { expected: 'any' });
      return { position: position.toString() };
    }
    case 'GET accounts':
      if (account === undefined) return { count: await balances.count() };
      if (searchParams.has('after')) await balances.waitFor(BigInt(searchParams.get('after')!));
      return balances.findById(account);
    case 'GET reached':
      return (await gesta.status()).map(({ lag, parked }) => ({ lag: lag.toString(), parked }));
    default:
      return undefined;
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await answer(request);
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body));
  } catch (error) {
    response.writeHead(500).end((error as Error).stack);
  }
}

const server = createServer((request, response) => void respond(request, response));
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
if (!process.connected) process.exit(); // whoever started it is gone already
