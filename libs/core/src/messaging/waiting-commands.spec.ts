import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { booking, bookingsEndpoint } from '../../test/courier.js';
import { recordAs, wholeLog } from '../../test/log.js';
import { BookCourier, CancelCourier } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import type { Class } from '../events/class.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import type { CommandEndpoint } from './command-inbox.js';

const CANCEL = 'courier.cancel-courier';

describe('A command that has no handler', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let running: Gesta[];
  let notices: Notice[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    running = [];
    notices = [];
  });
  afterEach(() => Promise.all(running.map((gesta) => gesta.stop())));

  /** An application that handles these commands and no others. */
  const open = async (...handled: Class[]) => {
    let endpoint: CommandEndpoint | undefined;
    const gesta: Gesta = await Gesta.open({
      events,
      documents,
      leaseMs: 100,
      aggregates: [booking],
      commands: { handled, execute: (command) => endpoint!.execute(command) },
      notice: (notice) => notices.push(notice),
    });
    endpoint = bookingsEndpoint(() => gesta.repository(booking.aggregateClass) as never);
    running.push(gesta);
    return gesta;
  };
  const arrives = (id: string, type: string) =>
    recordAs(events, `courier.command-${id}`, { id, type: `courier.${type}`, data: { parcelId: 'a', grams: 1 } });
  const waiting = async (gesta: Gesta) => (await gesta.status())[0]!.waiting;
  const done = async () => (await wholeLog(events, { categories: ['courier.booking'] })).map(({ type }) => type);

  it('waits for one, is counted meanwhile and told of, and is handled when it comes', async () => {
    const first = await open(BookCourier);
    first.start();
    await arrives('1', 'book-courier');
    await arrives('2', 'cancel-courier');
    await until('it is counted', async () => (await waiting(first))[CANCEL] === 1);
    await arrives('3', 'cancel-courier');
    await until('both are counted', async () => (await waiting(first))[CANCEL] === 2);
    expect(notices.filter(({ kind }) => kind === 'command-without-handler')).toEqual([
      { kind: 'command-without-handler', reader: 'commands.courier', type: CANCEL, count: 1 },
    ]);
    await first.stop();
    expect(await waiting(await open(BookCourier))).toEqual({ [CANCEL]: 2 });

    const second = await open(BookCourier, CancelCourier);
    second.start();
    await until('the first is handled', async () => (await done()).length === 2);
    expect(await done()).toEqual(['courier.courier-booked', 'courier.courier-cancelled']);
    expect(await waiting(second)).toEqual({});
  });

  it('is counted from where it lost its handler, and told of at every start', async () => {
    const both = await open(BookCourier, CancelCourier);
    both.start();
    await arrives('1', 'book-courier');
    await arrives('2', 'cancel-courier');
    await until('both are handled', async () => (await done()).length === 2);
    await until('it has passed them', async () => (await both.status())[0]!.lag === 0n);
    await both.stop();
    for (let start = 1; start <= 2; start++) {
      const one = await open(BookCourier);
      one.start();
      if (start === 1) await arrives('3', 'cancel-courier');
      await until(
        'it is told of',
        () => notices.filter(({ kind }) => kind === 'command-without-handler').length === start,
      );
      expect(await waiting(one)).toEqual({ [CANCEL]: 1 });
      await one.stop();
    }
  });
});
