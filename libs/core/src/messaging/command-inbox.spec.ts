import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, booking, bookingsEndpoint } from '../../test/courier.js';
import { documentsThrough, mortal } from '../../test/fallible-stores.js';
import { record, recordAs, wholeLog } from '../../test/log.js';
import { BookCourier, ParcelDelivery, ParcelRegistered, TellReceiver } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { ConcurrencyConflict } from '../aggregates/concurrency-conflict.js';
import { Repository } from '../aggregates/repository.js';
import { event } from '../events/domain-event.js';
import { ValidationFailed } from '../events/validation-failed.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { outgoing, dispatch } from '../processes/outbox.js';
import { send, type SendEffect } from '../processes/effects.js';
import { EffectConsumer } from '../readers/effect-consumer.js';
import { StoreUnavailable } from '../store/errors.js';
import { Command } from './command.decorator.js';
import { commandInbox, type CommandEndpoint } from './command-inbox.js';

const BOOKED = { types: ['courier.courier-booked'] };
const REFUSED = { types: ['gesta.command-refused'] };
const book = (parcelId: string, grams = 500) => send(BookCourier, { parcelId, grams });

describe('The command inbox', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(async () => {
    Booking.strength = 30_000;
    await Promise.all(processes.map((process) => process.stop()));
  });

  const begin = async (endpoint: CommandEndpoint, stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, { leaseMs: 40 });
    processes.push(process);
    const inbox = new EffectConsumer(commandInbox(endpoint, [booking], events));
    const reader = process.follow('commands.courier', inbox, 'beginning', 'commands');
    return { process, reader, letters: process.deadLetters };
  };
  /** As a process of its own: without anything in memory. */
  const bookings = (before?: (command: object) => Promise<void> | void) => {
    const repository = new Repository(booking, events);
    return bookingsEndpoint(() => repository, before);
  };
  /** As the process manager of the parcel would have sent them. @returns their ids */
  const arrive = async (parcel: string, ...commands: SendEffect[]) => {
    await record(events, `parcels.parcel-${parcel}`, event(ParcelRegistered, { to: { name: 'Ada' }, grams: 1 }));
    const cause = (await wholeLog(events)).at(-1)!;
    const sent = outgoing('parcel-delivery', parcel, cause, commands);
    await dispatch(events, sent);
    return sent.map(({ id }) => id);
  };
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);

  it('executes a command as what it is, under its id, following from it', async () => {
    const executed: object[] = [];
    const [id] = await arrive('a', book('a'));
    const { reader } = await begin(bookings((command) => void executed.push(command)));
    await tookAll(reader);
    expect(executed).toEqual([{ parcelId: 'a', grams: 500 }]);
    expect(executed[0]).toBeInstanceOf(BookCourier);
    const [booked] = await wholeLog(events, BOOKED);
    expect(booked).toMatchObject({
      streamId: 'courier.booking-a',
      commandId: id,
      headers: { causationId: id },
      data: { parcelId: 'a', grams: 500, booking: 1 },
    });
    expect(booked!.headers.replyTo).toBeUndefined();
  });

  it('has the correlation go on, whatever travelled between', async () => {
    await recordAs(events, 'courier.command-1', {
      id: '1',
      type: 'courier.book-courier',
      data: { parcelId: 'a', grams: 1 },
      headers: { correlationId: 'the request', userId: 'ada' },
    });
    const { reader } = await begin(bookings());
    await tookAll(reader);
    expect((await wholeLog(events, BOOKED))[0]!.headers).toMatchObject({
      correlationId: 'the request',
      userId: 'ada',
      causationId: '1',
    });
  });

  it('has no second effect when it is given a command again after a crash', async () => {
    await arrive('a', book('a'), book('a', 700));
    for (const _ of ['once', 'and once more']) {
      const { around, dead } = mortal((call) => (call === 'put gesta.checkpoints' ? 'before' : undefined));
      await begin(bookings(), { documents: documentsThrough(around, documents) });
      await until('it has died', dead);
    }
    const { reader } = await begin(bookings());
    await tookAll(reader);
    expect((await wholeLog(events, BOOKED)).map(({ data }) => [data.booking, data.grams])).toEqual([
      [1, 500],
      [2, 700],
    ]);
  });

  it('executes the commands for one aggregate in order, and those for others meanwhile', async () => {
    const going = gate();
    const executed: string[] = [];
    await arrive('a', book('a', 1), book('a', 2));
    await arrive('b', book('b', 3));
    const { reader } = await begin(
      bookings(async (command) => {
        const { grams } = command as BookCourier;
        if (grams === 1) await going.opened;
        executed.push(String(grams));
      }),
    );
    await until('the other aggregate has had its turn', () => executed.length > 0);
    expect(executed).toEqual(['3']);
    going.open();
    await tookAll(reader);
    expect(executed).toEqual(['3', '1', '2']);
  });

  it('keeps the commands of one sender in order where only their handler knows what they are for', async () => {
    const going = gate();
    const told: string[] = [];
    const tell = (parcelId: string, what: string) => send(TellReceiver, { parcelId, number: 1, what });
    await arrive('a', tell('a', 'first'), tell('a', 'second'));
    await arrive('b', tell('b', 'other'));
    const { reader } = await begin({
      handled: [TellReceiver],
      execute: async (command) => {
        const { what } = command as TellReceiver;
        if (what === 'first') await going.opened;
        told.push(what);
      },
    });
    await until('the other sender has had its turn', () => told.length > 0);
    going.open();
    await tookAll(reader);
    expect(told).toEqual(['other', 'first', 'second']);
  });

  it('brings an old command into its present shape', async () => {
    @Command('courier.weigh', {
      version: 2,
      upcast: { 1: ({ kilos }: { kilos: number }) => ({ grams: kilos * 1_000 }) },
    })
    class Weigh {
      readonly grams!: number;
    }
    await recordAs(events, 'courier.command-1', { type: 'courier.weigh', data: { kilos: 2 } });
    const executed: object[] = [];
    const { reader } = await begin({ handled: [Weigh], execute: async (command) => executed.push(command) });
    await tookAll(reader);
    expect(executed).toEqual([{ grams: 2_000 }]);
  });

  describe('when a command is refused', () => {
    it('records that for whoever sent it', async () => {
      const [id] = await arrive('a', book('a', 40_000));
      const { reader } = await begin(bookings());
      await tookAll(reader);
      expect(await wholeLog(events, REFUSED)).toMatchObject([
        {
          data: {
            process: 'parcel-delivery',
            key: 'a',
            commandId: id,
            command: 'courier.book-courier',
            version: 1,
            data: { parcelId: 'a', grams: 40_000 },
            refusal: { name: 'TooHeavy', message: '40000 g are more than a courier carries' },
          },
          headers: { causationId: id },
        },
      ]);
      expect(await wholeLog(events, BOOKED)).toEqual([]);
    });

    it('has it come back to the process manager', async () => {
      const { process, reader } = await begin(bookings());
      await process.manage(ParcelDelivery);
      await record(events, 'parcels.parcel-a', event(ParcelRegistered, { to: { name: 'Ada' }, grams: 40_000 }));
      const told = await until('the receiver is told', async () => {
        const all = await wholeLog(events, { types: ['courier.tell-receiver'] });
        return all.length === 2 && all;
      });
      expect(told[1]!.data.what).toBe('TooHeavy: 40000 g are more than a courier carries');
      await tookAll(reader);
      expect(await process.deadLetters.list()).toEqual([]);
    });

    it('records a command that breaks its rules as refused too', async () => {
      await arrive('a', book('a', -1));
      const { reader, letters } = await begin(
        bookings(() => {
          throw new ValidationFailed('BookCourier', [{ field: 'grams', rules: ['grams must be positive'] }]);
        }),
      );
      await tookAll(reader);
      expect((await wholeLog(events, REFUSED)).map(({ data }) => data.refusal)).toEqual([
        { name: 'ValidationFailed', message: 'BookCourier is not valid: grams: grams must be positive' },
      ]);
      expect(await letters.list()).toEqual([]);
    });

    it('records it once and keeps to it when it is given the command again, though it would not be refused now', async () => {
      await arrive('a', book('a', 40_000));
      const { around, dead } = mortal((call) => (call === 'put gesta.checkpoints' ? 'before' : undefined));
      await begin(bookings(), { documents: documentsThrough(around, documents) });
      await until('it has died', dead);
      Booking.strength = 50_000;
      const { reader } = await begin(bookings());
      await tookAll(reader);
      expect(await wholeLog(events, REFUSED)).toHaveLength(1);
      expect(await wholeLog(events, BOOKED)).toEqual([]);
    });

    it('has it parked where nobody waits for the answer', async () => {
      await recordAs(events, 'courier.command-1', {
        type: 'courier.book-courier',
        data: { parcelId: 'a', grams: 40_000 },
      });
      const { reader, letters } = await begin(bookings());
      await tookAll(reader);
      expect(await letters.list()).toMatchObject([{ key: 'courier.booking-a', error: { name: 'TooHeavy' } }]);
    });
  });

  it('tries again after a technical failure, then parks the aggregate and goes on with the others', async () => {
    let broken = true;
    let tries = 0;
    await arrive('a', book('a'), book('a', 700));
    await arrive('b', book('b'));
    const { reader, letters } = await begin(
      bookings((command) => {
        if (!broken || (command as BookCourier).parcelId !== 'a') return;
        tries++;
        throw new TypeError('undefined is not a function');
      }),
    );
    await tookAll(reader);
    expect(tries).toBe(5);
    expect((await wholeLog(events, BOOKED)).map(({ data }) => data.parcelId)).toEqual(['b']);
    expect(await wholeLog(events, REFUSED)).toEqual([]);
    const [letter] = await letters.list();
    expect(letter).toMatchObject({ kind: 'key', key: 'courier.booking-a', attempts: 5 });
    broken = false;
    await letters.retry(letter!.id);
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect((await wholeLog(events, BOOKED)).map(({ data }) => data.grams)).toEqual([500, 500, 700]);
  });

  it.each([
    ['a store that is away', () => new StoreUnavailable('The store is away')],
    ['other writers', () => new ConcurrencyConflict('courier.booking-a', 10, undefined)],
  ])('waits for %s, and has nothing parked', async (_, failure) => {
    let tries = 0;
    await arrive('a', book('a'));
    const { reader, letters } = await begin(
      bookings(() => {
        if (++tries < 4) throw failure();
      }),
    );
    await tookAll(reader);
    expect(await letters.list()).toEqual([]);
    expect(await wholeLog(events, BOOKED)).toHaveLength(1);
  });

  describe('when a command names nothing that could be an aggregate', () => {
    const NAMES: [string, unknown, string][] = [
      ['an empty id', '', 'BookCourier names no aggregate: parcelId is empty'],
      ['no id', null, 'BookCourier names no aggregate: parcelId is null'],
      ['a number', 7, 'BookCourier names no aggregate: parcelId is 7'],
      ['an id that is too long', 'x'.repeat(500), 'A stream id has at most 500 characters, not 516'],
      ['control characters', 'a\u0000b', 'A stream id holds no control characters and no broken surrogates'],
      ['half a character', 'a\ud800', 'A stream id holds no control characters and no broken surrogates'],
    ];

    it.each(NAMES)('such as %s, refuses it, parks nothing and goes on', async (_, parcelId, reason) => {
      await arrive('a', book(parcelId as string), book('a'));
      const { reader, letters } = await begin(bookings());
      await tookAll(reader);
      expect((await wholeLog(events, REFUSED)).map(({ data }) => data)).toMatchObject([
        {
          process: 'parcel-delivery',
          key: 'a',
          command: 'courier.book-courier',
          data: { parcelId, grams: 500 },
          refusal: { name: 'ValidationFailed', message: `BookCourier is not valid: id: ${reason}` },
        },
      ]);
      expect(await letters.list()).toEqual([]);
      expect((await wholeLog(events, BOOKED)).map(({ data }) => data.parcelId)).toEqual(['a']);
    });

    it('refuses it once, whenever it comes again', async () => {
      await arrive('a', book('a\u0007'));
      const { around, dead } = mortal((call) => (call === 'put gesta.checkpoints' ? 'before' : undefined));
      await begin(bookings(), { documents: documentsThrough(around, documents) });
      await until('it has died', dead);
      const { reader } = await begin(bookings());
      await tookAll(reader);
      expect(await wholeLog(events, REFUSED)).toHaveLength(1);
    });

    it('refuses it where only its handler knows whom it is for', async () => {
      await arrive('a', send(TellReceiver, { parcelId: 'a\u0000', number: 1, what: 'hello' }));
      const { reader, letters } = await begin({
        handled: [TellReceiver],
        execute: async (command) => new Repository(booking, events).load((command as TellReceiver).parcelId),
      });
      await tookAll(reader);
      expect(await letters.list()).toEqual([]);
      expect((await wholeLog(events, REFUSED)).map(({ data }) => data.refusal)).toMatchObject([
        { name: 'InvalidStreamId' },
      ]);
    });

    it('parks it where nobody waits for the answer, and others go on', async () => {
      const data = { parcelId: '', grams: 1 };
      await recordAs(events, 'courier.command-1', { type: 'courier.book-courier', data });
      await arrive('b', book('b'));
      const { reader, letters } = await begin(bookings());
      await tookAll(reader);
      const [letter] = await letters.list();
      expect(letter).toMatchObject({ key: 'courier.command-1', error: { name: 'ValidationFailed' } });
      expect(letter!.error.message).toContain('parcelId is empty');
      expect(await wholeLog(events, BOOKED)).toHaveLength(1);
    });
  });

  it('gives every try the command as it was sent, whatever the try before has done with it', async () => {
    const seen: number[] = [];
    await arrive('a', book('a'));
    const { reader } = await begin({
      handled: [BookCourier],
      execute: async (command) => {
        seen.push((command as BookCourier).grams);
        (command as { grams: number }).grams = 0;
        if (seen.length === 1) throw new Error('Once more');
      },
    });
    await tookAll(reader);
    expect(seen).toEqual([500, 500]);
  });
});
