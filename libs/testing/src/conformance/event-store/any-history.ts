import fc from 'fast-check';
import { streamId, WrongExpectedRevision, type Appended, type EventToAppend, type ExpectedRevision } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, batchesOf, events, freshCategory, idsOf, inside, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

type Step =
  | {
      do: 'append';
      stream: number;
      count: number;
      expecting: 'any' | 'no-stream' | 'stream-exists' | 'its revision' | number;
    }
  | { do: 'repeat'; which: number }
  | { do: 'truncate'; stream: number; before: number }
  | { do: 'delete'; stream: number; expecting: 'any' | 'stream-exists' | 'its revision' };

const stream = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      stream,
      count: fc.nat(3),
      expecting: fc.oneof(fc.constantFrom('any' as const, 'no-stream', 'stream-exists', 'its revision'), fc.nat(8)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('repeat' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), stream, before: fc.nat(10) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      stream,
      expecting: fc.constantFrom('any' as const, 'stream-exists', 'its revision'),
    }),
  },
);

/** What a store should hold: the plainest telling of the contract that there is. */
class Model {
  readonly log: { id: string; stream: string; revision: number }[] = [];
  readonly appends: { stream: string; events: EventToAppend[]; expected: ExpectedRevision; answer: Appended }[] = [];
  private readonly lastRevisions = new Map<string, number>();

  of(name: string) {
    return this.log.filter((event) => event.stream === name);
  }

  revisionOf(name: string): number | 'no-stream' {
    return this.of(name).at(-1)?.revision ?? 'no-stream';
  }

  isAt(name: string, expected: ExpectedRevision): boolean {
    const actual = this.revisionOf(name);
    if (expected === 'any') return true;
    return expected === 'stream-exists' ? actual !== 'no-stream' : actual === expected;
  }

  append(name: string, some: readonly EventToAppend[]): number {
    let last = this.lastRevisions.get(name) ?? -1;
    for (const { id } of some) this.log.push({ id, stream: name, revision: ++last });
    this.lastRevisions.set(name, last);
    return last;
  }

  remove(name: string, before: number): void {
    const left = this.log.filter((event) => event.stream !== name || event.revision >= before);
    this.log.splice(0, this.log.length, ...left);
  }
}

export function anyHistory(subject: Subject): void {
  it('holds what the contract says after any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const model = new Model();
        const category = freshCategory();
        const names = ['a', 'b', 'a-b'].map((id) => streamId(category, id));
        const { checkpoint } = await subject.store.head();
        for (const each of steps) {
          if (each.do === 'append') await append(subject, model, names[each.stream]!, each.count, each.expecting);
          else if (each.do === 'repeat') await repeat(subject, model, each.which);
          else await remove(subject, model, names[each.stream]!, each);
        }
        await compare(subject, model, names, checkpoint);
        if (!subject.keepsData) return;
        await subject.reopen();
        await compare(subject, model, names, checkpoint);
      }),
      { numRuns: subject.runs * 2 },
    );
  });
}

async function append(
  { store }: Subject,
  model: Model,
  name: string,
  count: number,
  expecting: ExpectedRevision | 'its revision',
) {
  const actual = model.revisionOf(name);
  const expected = expecting === 'its revision' ? actual : expecting;
  // Whether a number holds where a stream has no events any more is left to the store.
  if (typeof expected === 'number' && actual === 'no-stream') return;
  const some = events(count);
  if (!model.isAt(name, expected)) return expectRefusal(store.append(name, some, { expected }), expected, actual);
  const answer = await store.append(name, some, { expected });
  if (count === 0) return expect(answer.revision).toBe(actual === 'no-stream' ? -1 : actual);
  expect(answer.revision).toBe(model.append(name, some));
  if (typeof expected === 'number' || expected === 'no-stream') {
    model.appends.push({ stream: name, events: some, expected, answer });
  }
}

/** Only of what is still there: a stream does not know what it no longer holds. */
async function repeat({ store }: Subject, model: Model, which: number) {
  const there = model.appends.filter(({ events: some }) => model.log.some(({ id }) => id === some[0]!.id));
  const known = there[which % there.length];
  if (!known || (known.expected === 'no-stream' && model.of(known.stream)[0]!.id !== known.events[0]!.id)) return;
  expect(await store.append(known.stream, known.events, { expected: known.expected })).toEqual(known.answer);
}

async function remove(
  { store }: Subject,
  model: Model,
  name: string,
  step: Extract<Step, { do: 'truncate' | 'delete' }>,
) {
  if (step.do === 'truncate') {
    await store.truncateStream(name, step.before);
    return model.remove(name, step.before);
  }
  const actual = model.revisionOf(name);
  const expected = step.expecting === 'its revision' ? actual : step.expecting;
  if (!model.isAt(name, expected)) return expectRefusal(store.deleteStream(name, { expected }), expected, actual);
  await store.deleteStream(name, { expected });
  model.remove(name, Infinity);
}

async function expectRefusal(call: Promise<unknown>, expected: ExpectedRevision, actual: number | 'no-stream') {
  const refusal = await refusalOf(call);
  expect(refusal).toBeInstanceOf(WrongExpectedRevision);
  expect(refusal).toMatchObject({ expected, actual });
}

async function compare({ store }: Subject, model: Model, names: string[], after: string) {
  for (const name of names) {
    const recorded = await allOf(store.readStream(name));
    expect(recorded.map(({ id, revision }) => [id, revision])).toEqual(
      model.of(name).map(({ id, revision }) => [id, revision]),
    );
    expect(idsOf(await allOf(store.readStream(name, { direction: 'backwards' })))).toEqual(
      idsOf(recorded.toReversed()),
    );
  }
  const filter = { categories: [names[0]!.slice(0, names[0]!.indexOf('-'))] };
  const batches = await batchesOf(store.readAll({ after, filter, batchSize: 3 }));
  expect(idsOf(inside(batches))).toEqual(idsOf(model.log));
}
