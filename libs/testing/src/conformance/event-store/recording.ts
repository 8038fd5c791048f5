import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  categoryOf,
  streamId,
  type EventHeaders,
  type EventToAppend,
  type JsonObject,
  type RecordedEvent,
} from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, anEvent, eventsOf, freshCategory, freshStream, freshType } from './samples.js';
import type { Subject } from './subject.js';

/** Where stores have been seen to lose something. */
const HARD: Record<string, JsonObject> = {
  'nothing at all': {},
  'text of every plane': { text: 'zażółć Ωμέγα 漢字 👩‍👩‍👧‍👦 \u{10ffff} \u2028\u2029 \ufeff' },
  'text in either normal form': { composed: 'é', decomposed: 'e\u0301' },
  'control characters and quotes': { text: '\u0000\u0001\b\f\n\r\t\u001f\u007f"\\/\'`' },
  'a lone surrogate': { '\udc00': 'a\ud800b' },
  'text that looks like something else': { a: '2026-01-01T00:00:00.000Z', b: '12', c: 'null', d: '{"$date":1}', e: '' },
  'every kind of number': {
    numbers: [0, -1, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, -1.5e-10, 123456789.12345679],
    whole: [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53 + 2, 2 ** 63, 2 ** 64, 1e300],
  },
  'fields of unusual names': { '': 1, ' ': 2, 'a.b': 3, $set: 4, $date: 5, 'a\u0000b': 6, '0': 7, '-1': 8, ключ: 9 },
  'fields that objects have anyway': JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":2,"hasOwnProperty":null,"toJSON":"x","length":3}',
  ) as JsonObject,
  "fields named as a store's own": {
    id: 'a',
    type: 'b',
    version: 9,
    streamId: 'c',
    revision: 10,
    position: 11,
    recordedAt: 12,
    commandId: 'd',
    data: {},
    headers: [],
    metadata: 'e',
    $v: 1,
    $correlationId: 'f',
    $causationId: 'g',
    $maxAge: 1,
    _id: 'h',
    rowid: 1,
  },
  'fields out of alphabetical order': { z: 1, a: 2, m: { y: 1, b: 2 } },
  'empty lists and objects': { list: [], object: {}, lists: [[], [[]], [{}]], nothing: null, nothings: [null, null] },
  'a deep nest': JSON.parse(`${'{"in":['.repeat(90)}1${']}'.repeat(90)}`) as JsonObject,
  'a wide object': Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`field${n}`, n])),
};

export function recording(subject: Subject): void {
  const recordedOf = async (...events: EventToAppend[]): Promise<RecordedEvent[]> => {
    const stream = freshStream();
    await subject.store.append(stream, events, { expected: 'no-stream' });
    return allOf(subject.store.readStream(stream));
  };

  it('gives back all that an event was appended with', async () => {
    const { store } = subject;
    const stream = freshStream();
    const event = anEvent({
      type: 'kit.order-placed',
      version: 7,
      commandId: randomUUID(),
      headers: {
        correlationId: 'c',
        causationId: 'd',
        userId: 'u',
        traceparent: '00-1-2-01',
        $own: { any: ['thing', 1] },
      },
      data: { orderId: '1', lines: [{ sku: 'a', quantity: 2 }] },
    });
    const { revision, position } = await store.append(stream, [event], { expected: 'any' });
    const [recorded] = await allOf(store.readStream(stream));
    expect(recorded).toEqual({ ...event, streamId: stream, revision, position, recordedAt: recorded!.recordedAt });
    expect(recorded!.recordedAt).toBeInstanceOf(Date);
    expect(recorded!.recordedAt.getTime()).not.toBeNaN();
  });

  it('leaves out the command id and the headers that an event did not have', async () => {
    const [recorded] = await recordedOf(anEvent({ headers: { userId: undefined, tenant: 'a' } }));
    expect(recorded!.commandId).toBeUndefined();
    expect(JSON.stringify(recorded!.headers)).toBe('{"tenant":"a"}');
  });

  it('gives the same event however it is read', async () => {
    const { store } = subject;
    const category = freshCategory();
    const stream = freshStream(category);
    const filter = { categories: [category] };
    const { checkpoint } = await store.head();
    const event = anEvent({ commandId: randomUUID(), headers: { a: [1] }, data: { b: { c: 'd' } } });
    await store.append(stream, [event, anEvent()], { expected: 'no-stream' });
    const inStream = await allOf(store.readStream(stream));
    expect(await allOf(store.readStream(stream, { direction: 'backwards' }))).toEqual(inStream.toReversed());
    expect(await eventsOf(store.readAll({ after: checkpoint, filter }))).toEqual(inStream);
    const follower = subject.follow({ after: checkpoint, filter });
    await follower.until('both events came', ({ events }) => events.length === 2);
    expect(follower.events).toEqual(inStream);
  });

  for (const [what, value] of Object.entries(HARD)) {
    it(`keeps ${what} as it is, in data and in headers`, async () => {
      const [recorded] = await recordedOf(anEvent({ data: value, headers: value as EventHeaders }));
      expect(JSON.stringify(recorded!.data)).toBe(JSON.stringify(value));
      expect(JSON.stringify(recorded!.headers)).toBe(JSON.stringify(value));
    });
  }

  it('keeps any JSON as it is, in data and in headers', async () => {
    const json = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(json, json), { minLength: 1, maxLength: 4 }), async (given) => {
        const appended = given.map(([data, headers]) =>
          anEvent({ data: data as JsonObject, headers: headers as EventHeaders }),
        );
        const recorded = await recordedOf(...appended);
        const texts = (some: readonly EventToAppend[]) =>
          some.map(({ id, data, headers }) => [id, JSON.stringify(data), JSON.stringify(headers)]);
        expect(texts(recorded)).toEqual(texts(appended));
      }),
      { numRuns: subject.runs },
    );
  });

  it('keeps an event of a million bytes', async () => {
    const data = { text: 'żółć'.repeat(125_000) };
    const [recorded] = await recordedOf(anEvent({ data }));
    expect(recorded!.data.text === data.text).toBe(true);
  });

  it('gives many such events through every reading', async () => {
    const { store } = subject;
    const stream = freshStream();
    const filter = { types: [freshType()] };
    const { checkpoint: after } = await store.head();
    const texts = Array.from({ length: 10 }, (_, n) => String(n).repeat(1_000_000));
    for (const text of texts) {
      await store.append(stream, [anEvent({ type: filter.types[0]!, data: { text } })], { expected: 'any' });
    }
    const follower = subject.follow({ after, filter });
    await follower.until('all came', ({ events }) => events.length === texts.length);
    for (const recorded of [
      follower.events,
      await allOf(store.readStream(stream)),
      await eventsOf(store.readAll({ after, filter })),
    ]) {
      expect(recorded.map(({ data }, n) => data.text === texts[n])).toEqual(texts.map(() => true));
    }
  });

  it('keeps what was given at the call, whatever its caller does to it afterwards', async () => {
    const { store } = subject;
    const stream = freshStream();
    const data = { lines: [{ sku: 'a' }] };
    const headers = { tags: ['a'] };
    const batch = [anEvent({ data, headers })];
    const appended = store.append(stream, batch, { expected: 'any' });
    data.lines[0]!.sku = 'changed';
    headers.tags.push('changed');
    batch.push(anEvent());
    await appended;
    data.lines.push({ sku: 'changed again' });
    const recorded = await allOf(store.readStream(stream));
    expect(recorded.map((event) => [event.data, event.headers])).toEqual([
      [{ lines: [{ sku: 'a' }] }, { tags: ['a'] }],
    ]);
  });

  it('gives every reader events of its own', async () => {
    const { store } = subject;
    const stream = freshStream();
    const filter = { types: [freshType()] };
    const event = anEvent({ type: filter.types[0]!, data: { lines: [{ sku: 'a' }] }, headers: { tags: ['a'] } });
    const { checkpoint } = await store.head();
    const followers = [subject.follow({ after: checkpoint, filter }), subject.follow({ after: checkpoint, filter })];
    await store.append(stream, [event], { expected: 'any' });
    for (const follower of followers) {
      await follower.until('the event came', ({ events }) => events.length === 1);
      spoil(follower.events[0]!);
    }
    const readings = () => [allOf(store.readStream(stream)), eventsOf(store.readAll({ after: checkpoint, filter }))];
    for (const reading of [...readings(), ...readings()]) {
      const [recorded] = await reading;
      expect(recorded).toMatchObject({ data: { lines: [{ sku: 'a' }] }, headers: { tags: ['a'] } });
      expect(recorded!.recordedAt.getTime()).not.toBe(0);
      spoil(recorded!);
    }
  });

  it('takes stream ids of any script and of full length', async () => {
    const { store } = subject;
    const category = freshCategory();
    const ids = [
      'zażółć',
      'ключ-с-дефисом',
      '漢字',
      '👩‍👩‍👧',
      'a b/c?d=e%20#f',
      "o'clock",
      '"quoted"',
      '%_*',
      '@@x',
      '..',
      'É',
      'é',
      'e\u0301',
    ];
    const names = [...ids.map((id) => streamId(category, id)), `${category}-${'x'.repeat(499 - category.length)}`];
    const { checkpoint } = await store.head();
    for (const name of names) {
      await store.append(name, [anEvent({ data: { name } })], { expected: 'no-stream' });
    }
    for (const name of names) {
      const recorded = await allOf(store.readStream(name));
      expect(recorded.map((event) => [event.streamId, event.data])).toEqual([[name, { name }]]);
    }
    const inLog = await eventsOf(store.readAll({ after: checkpoint, filter: { categories: [category] } }));
    expect(inLog.map((event) => event.streamId)).toEqual(names);
    expect(new Set(inLog.map((event) => categoryOf(event.streamId)))).toEqual(new Set([category]));
  });
}

function spoil({ data, headers, recordedAt }: RecordedEvent): void {
  (data as { lines: { sku: string }[] }).lines[0]!.sku = 'spoilt';
  (headers as { tags: string[] }).tags.push('spoilt');
  recordedAt.setTime(0);
}
