import {
  Aggregate,
  aggregateDefinition,
  Apply,
  DomainError,
  Event,
  event,
  Repository,
  StreamIncomplete,
  type Decision,
} from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '../test-runner.js';
import { allOf, anEvent, events, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

@Event('kit.counted')
class Counted {
  readonly by!: number;
}

class NothingCounted extends DomainError {
  constructor() {
    super('Nothing was counted');
  }
}

@Aggregate({ category: 'kit.counter', id: 'counterId' })
class Counter {
  sum = 0;

  count(by: number): Decision {
    return event(Counted, { by });
  }

  double(): Decision {
    if (this.sum === 0) throw new NothingCounted();
    return event(Counted, { by: this.sum });
  }

  @Apply(Counted)
  counted({ by }: Counted) {
    this.sum += by;
  }
}

/** What an aggregate is decided on, from memory and from the store. */
export function deciding(subject: Subject): void {
  const open = (cacheSize: number) => new Repository(aggregateDefinition(Counter), subject.store, { cacheSize });
  const stream = (id: string) => `kit.counter-${id}`;
  const counted = async (repository: Repository<Counter>, id: string) => {
    for (const by of [1, 2, 3]) await repository.transact(id, (counter) => counter.count(by));
  };

  for (const [name, cacheSize] of [
    ['in memory', 100],
    ['that is not in memory', 0],
  ] as const) {
    describe(`an aggregate ${name}`, () => {
      it('whose stream was deleted is decided on as what begins', async () => {
        const [id, repository] = [randomUUID(), open(cacheSize)];
        await counted(repository, id);
        await subject.store.deleteStream(stream(id), { expected: 2 });
        expect(await refusalOf(repository.transact(id, (counter) => counter.double()))).toBeInstanceOf(NothingCounted);
        expect(await repository.transact(id, (counter) => counter.count(7))).toMatchObject({ revision: 3 });
        expect((await repository.load(id)).aggregate.sum).toBe(7);
        expect((await open(0).load(id)).aggregate.sum).toBe(7);
      });

      it('whose stream was deleted decides on nothing that it had', async () => {
        const [id, repository] = [randomUUID(), open(cacheSize)];
        await counted(repository, id);
        await subject.store.deleteStream(stream(id), { expected: 'any' });
        await repository.transact(id, (counter) => counter.count(counter.sum === 0 ? 1 : 100));
        expect((await open(0).load(id)).aggregate.sum).toBe(1);
      });
    });
  }

  it('refuses what the beginning was cut off from, until it begins again', async () => {
    const [id, repository] = [randomUUID(), open(0)];
    await counted(repository, id);
    await subject.store.truncateStream(stream(id), 1);
    const refusal = await refusalOf(repository.transact(id, (counter) => counter.double()));
    expect(refusal).toBeInstanceOf(StreamIncomplete);
    expect(refusal).toMatchObject({ streamId: stream(id), first: 1 });
    expect(await refusalOf(repository.load(id))).toBeInstanceOf(StreamIncomplete);
    await subject.store.truncateStream(stream(id), 99);
    await repository.transact(id, (counter) => counter.count(5));
    expect((await repository.load(id)).aggregate.sum).toBe(5);
  });

  it('says of a stream that was cut by others that it is, and goes on with what is not theirs', async () => {
    const { others } = subject;
    if (!others) return;
    for (const settings of [{ maxCount: 2 }, { truncateBefore: 1 }] as const) {
      const [id, repository] = [randomUUID(), open(0)];
      await counted(repository, id);
      await others.cut(stream(id), settings);
      expect(await refusalOf(repository.load(id))).toBeInstanceOf(StreamIncomplete);
      const begunAgain = randomUUID();
      await counted(repository, begunAgain);
      await subject.store.deleteStream(stream(begunAgain), { expected: 2 });
      await counted(repository, begunAgain);
      expect((await repository.load(begunAgain)).aggregate.sum).toBe(6);
    }
  });

  it("does not see what is a server's own in its stream, and decides behind it", async () => {
    const { others } = subject;
    if (!others) return;
    for (const cacheSize of [0, 100]) {
      const [id, repository] = [randomUUID(), open(cacheSize)];
      await others.system(stream(id));
      await counted(repository, id);
      await others.system(stream(id));
      await repository.transact(id, (counter) => counter.double());
      expect((await allOf(subject.store.readStream(stream(id)))).map(({ type }) => type)).toEqual(
        Array(4).fill('kit.counted'),
      );
      expect((await open(0).load(id)).aggregate.sum).toBe(12);
    }
  });

  it('folds nothing that no class wrote, though it has the name of one', async () => {
    const [id, repository] = [randomUUID(), open(0)];
    await counted(repository, id);
    const data = 'text' as never;
    await subject.store.append(stream(id), [anEvent({ type: 'kit.counted', data })], { expected: 2 });
    expect(await refusalOf(repository.load(id))).toMatchObject({ name: 'UnknownEvent' });
    const skipping = new Repository(aggregateDefinition(Counter), subject.store, { unknownEvents: 'skip' });
    expect((await skipping.load(id)).aggregate.sum).toBe(6);
    await skipping.transact(id, (counter) => counter.double());
    expect((await skipping.load(id)).aggregate.sum).toBe(12);
  });

  it('takes an append that is too large, or refuses it for good, and no other with it', async () => {
    const { store } = subject;
    const text = 'x'.repeat(2 * 1024 * 1024);
    const [large, small] = [`kit.large-${randomUUID()}`, `kit.small-${randomUUID()}`];
    const [answer] = await Promise.all([
      store.append(large, [anEvent({ data: { text } })], { expected: 'no-stream' }).catch((error: unknown) => error),
      store.append(small, events(1), { expected: 'no-stream' }),
    ]);
    if (answer instanceof Error) expect(answer.name).toBe('AppendTooLarge');
    expect(await allOf(store.readStream(large))).toHaveLength(answer instanceof Error ? 0 : 1);
  });

  it('says of a stream that ended for ever that it did, at every expectation', async () => {
    const { others, store } = subject;
    if (!others?.tombstone) return;
    const [id, repository] = [randomUUID(), open(100)];
    await counted(repository, id);
    await others.tombstone(stream(id));
    expect(await allOf(store.readStream(stream(id)))).toEqual([]);
    for (const expected of ['any', 'no-stream', 'stream-exists', 0, 1, 2] as const) {
      expect(await refusalOf(store.append(stream(id), events(1), { expected }))).toMatchObject({
        name: 'StreamTombstoned',
      });
    }
    expect(await refusalOf(repository.transact(id, (counter) => counter.count(1)))).toMatchObject({
      name: 'StreamTombstoned',
    });
  });
}
