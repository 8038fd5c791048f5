import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '../events/domain-event.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import { EventRegistry } from '../events/event-registry.js';
import type { AggregateDefinition } from './aggregate-definition.js';
import { DomainError } from './domain-error.js';
import { eventsOf, FaultyEventStore } from './example/faulty-event-store.js';
import { Repository, type Commit } from './repository.js';

@Event('inn.checked-in')
class CheckedIn {
  constructor(
    readonly guest: string,
    readonly until?: Date,
  ) {}
}

class NoRoom extends DomainError {}

const ROOMS = 3;

/** A class of the kind that applies its events itself: what it decides, it has folded already. */
class Inn {
  readonly guests: string[] = [];
  readonly lastNights: unknown[] = [];
  stated: DomainEvent[] = [];

  constructor(readonly id: string) {}

  checkIn(guest: string, until?: Date): void {
    this.stated.push(event(CheckedIn, this.apply(new CheckedIn(guest, until))));
    if (this.guests.length > ROOMS) throw new NoRoom(`${guest} has come too late`);
  }

  apply(checkedIn: CheckedIn): CheckedIn {
    this.guests.push(checkedIn.guest);
    if (checkedIn.until) this.lastNights.push(checkedIn.until);
    return checkedIn;
  }
}

const inn: AggregateDefinition<Inn> = {
  name: 'Inn',
  aggregateClass: Inn,
  category: 'inn.house',
  registry: new EventRegistry([CheckedIn]),
  handlers: [],
  foldsWhileDeciding: true,
  snapshot: undefined,
  create: (id) => new Inn(id),
  fold: (house, data) => void house.apply(data as CheckedIn),
  stated(house) {
    const { stated } = house;
    house.stated = [];
    return stated;
  },
};

const STREAM = 'inn.house-1';

function opened() {
  const store = new FaultyEventStore();
  const commits: Commit[] = [];
  const [inns, elsewhere] = [1, 2].map(
    () => new Repository(inn, store, { committed: (commit) => commits.push(commit) }),
  );
  return { store, inns: inns!, elsewhere: elsewhere!, commits };
}

async function guestsIn(inns: Repository<Inn>): Promise<string[]> {
  let guests: string[] = [];
  await inns.transact('1', (house) => void (guests = [...house.guests]));
  return guests;
}

describe('an aggregate that folds while it decides', () => {
  it('folds each event once, and is asked without reading the next time', async () => {
    const { store, inns } = opened();
    await inns.transact('1', (house) => house.checkIn('Ada'));
    store.reads = 0;
    const result = await inns.transact('1', (house) => house.checkIn('Bob'));
    expect(result).toEqual({ streamId: STREAM, revision: 1, position: 2n });
    expect(store.reads).toBe(0);
    expect(await guestsIn(inns)).toEqual(['Ada', 'Bob']);
    expect((await inns.load('1')).aggregate.guests).toEqual(['Ada', 'Bob']);
  });

  it('is made with its id', async () => {
    const { inns } = opened();
    expect((await inns.load('the-angel')).aggregate.id).toBe('the-angel');
  });

  it('is read anew when another writer got there first', async () => {
    const { store, inns, elsewhere } = opened();
    await inns.transact('1', (house) => house.checkIn('Ada'));
    store.beforeNextAppend(() => elsewhere.transact('1', (house) => house.checkIn('Eve')));
    await inns.transact('1', (house) => house.checkIn('Bob'));
    expect((await eventsOf(store, STREAM)).map(({ data }) => data.guest)).toEqual(['Ada', 'Eve', 'Bob']);
    store.reads = 0;
    expect(await guestsIn(inns)).toEqual(['Ada', 'Eve', 'Bob']);
  });

  it('is forgotten once it refused, for it has folded what it then refused', async () => {
    const { store, inns } = opened();
    for (const guest of ['Ada', 'Bob', 'Cyd']) await inns.transact('1', (house) => house.checkIn(guest));
    for (const late of ['Eve', 'Joe']) {
      await expect(inns.transact('1', (house) => house.checkIn(late))).rejects.toThrow(`${late} has come too late`);
    }
    expect(await guestsIn(inns)).toEqual(['Ada', 'Bob', 'Cyd']);
    expect(await eventsOf(store, STREAM)).toHaveLength(3);
  });

  it('is forgotten once it refused also when it was just read for that', async () => {
    const { store, inns, elsewhere } = opened();
    for (const guest of ['Ada', 'Bob', 'Cyd']) await inns.transact('1', (house) => house.checkIn(guest));
    await expect(elsewhere.transact('1', (house) => house.checkIn('Eve'))).rejects.toThrow(NoRoom);
    expect(await guestsIn(elsewhere)).toEqual(['Ada', 'Bob', 'Cyd']);
    expect(await eventsOf(store, STREAM)).toHaveLength(3);
  });

  it('refuses on the latest state only', async () => {
    const { store, inns, elsewhere } = opened();
    for (const guest of ['Ada', 'Bob', 'Cyd']) await inns.transact('1', (house) => house.checkIn(guest));
    await store.deleteStream(STREAM, { expected: 'any' });
    await elsewhere.transact('1', (house) => house.checkIn('Dan'));
    await inns.transact('1', (house) => house.checkIn('Eve'));
    expect(await guestsIn(inns)).toEqual(['Dan', 'Eve']);
  });

  it('is forgotten once its events were not appended', async () => {
    const { store, inns } = opened();
    await inns.transact('1', (house) => house.checkIn('Ada'));
    store.beAwayFor(3);
    await expect(inns.transact('1', (house) => house.checkIn('Bob'))).rejects.toThrow('nobody there');
    expect(await guestsIn(inns)).toEqual(['Ada']);
  });

  it('is kept only as a reload would make it', async () => {
    const { store, inns } = opened();
    await inns.transact('1', (house) => house.checkIn('Ada', new Date('2026-12-24')));
    store.reads = 0;
    let lastNights: unknown[] = [];
    await inns.transact('1', (house) => void (lastNights = [...house.lastNights]));
    expect(store.reads).toBe(1);
    expect(lastNights).toEqual(['2026-12-24T00:00:00.000Z']);
  });

  it('has the very events that it applied told to who listens to commits', async () => {
    const { inns, commits } = opened();
    await inns.transact('1', (house) => house.checkIn('Ada', new Date(0)));
    expect(commits[0]!.events[0]!.data).toBeInstanceOf(CheckedIn);
    expect(commits[0]!.events[0]!.data).toEqual(new CheckedIn('Ada', new Date(0)));
  });

  it('gives a repeat its first answer without deciding', async () => {
    const { store, inns, elsewhere } = opened();
    const checkIn = (there: Repository<Inn>) =>
      there.transact('1', (house) => house.checkIn('Ada'), { commandId: 'c1' });
    const first = await checkIn(inns);
    expect(await checkIn(inns)).toEqual(first);
    expect(await checkIn(elsewhere)).toEqual(first);
    expect(await eventsOf(store, STREAM)).toHaveLength(1);
  });
});
