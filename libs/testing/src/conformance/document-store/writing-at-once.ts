import type { DocumentCollection } from '@gesta/core';
import fc from 'fast-check';
import { expect, it } from '../test-runner.js';
import { document, foundKeys, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

const pair = async (subject: Subject): Promise<[DocumentCollection, DocumentCollection]> => {
  const name = subject.freshName();
  const indexes = [{ n: 1 }] as const;
  return [await subject.store.collection(name, { indexes }), await subject.store.collection(name, { indexes })];
};

export function writingAtOnce(subject: Subject): void {
  it('converges on the greatest version, in whatever order puts of two handles arrive', async () => {
    const put = fc.record({
      handle: fc.nat(1),
      documents: fc.array(
        fc.record({ key: fc.nat(4), version: fc.bigInt({ min: 1n, max: 30n }), gone: fc.boolean() }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(put, { minLength: 2, maxLength: 20 }), async (puts) => {
        const handles = await pair(subject);
        // What a version holds depends on nothing but the version, as it is with projected documents.
        const at = (key: number, version: bigint) =>
          version % 5n === 0n
            ? tombstone(`key-${key}`, version)
            : document(`key-${key}`, { n: Number(version) }, version);
        await Promise.all(
          puts.map(({ handle, documents }) =>
            handles[handle]!.put(documents.map(({ key, version }) => at(key, version))),
          ),
        );
        const greatest = new Map<number, bigint>();
        for (const { key, version } of puts.flatMap(({ documents }) => documents)) {
          if (version > (greatest.get(key) ?? 0n)) greatest.set(key, version);
        }
        const expected = [...greatest].map(([key, version]) => at(key, version));
        for (const handle of handles) {
          const found = await handle.get(['key-0', 'key-1', 'key-2', 'key-3', 'key-4']);
          expect(found).toEqual(new Map(expected.map((each) => [each.key, each])));
          const alive = expected.filter(({ body }) => body).map(({ key }) => key);
          expect(await foundKeys(handle, { n: { $gt: 0 } })).toEqual(alive.toSorted());
        }
      }),
      { numRuns: subject.runs },
    );
  });

  it('stores each version once when many put it at once', async () => {
    const handles = await pair(subject);
    const refused = await Promise.all(
      Array.from({ length: 20 }, (_, writer) => handles[writer % 2]!.put([document('a', { writer }, 1n)])),
    );
    expect(refused.filter((keys) => keys.length === 0)).toHaveLength(1);
    const winner = refused.findIndex((keys) => keys.length === 0);
    expect(await stored(handles[0], 'a')).toEqual(document('a', { writer: winner }, 1n));
  });

  it('never shows half a document, nor an older one after a newer one', async () => {
    const [writer, reader] = await pair(subject);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    const rounds = 30;
    let writing = true;
    const write = async () => {
      for (let round = 1; round <= rounds; round++) {
        await writer.put(keys.map((key) => document(key, { n: round, same: round }, BigInt(round))));
      }
      writing = false;
    };
    const read = async () => {
      const newest = new Map<string, bigint>();
      while (writing) {
        for (const { key, version, body } of (await reader.get(keys)).values()) {
          expect(body).toEqual({ n: Number(version), same: Number(version) });
          expect(version >= (newest.get(key) ?? 0n)).toBe(true);
          newest.set(key, version);
        }
        const found = await reader.find({ n: { $gte: 0 } }, { sort: { n: 1 } });
        expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
        for (const { version, body } of found) expect(body).toEqual({ n: Number(version), same: Number(version) });
      }
    };
    await Promise.all([write(), read()]);
    expect(await reader.count({ n: rounds })).toBe(50);
  });

  it('finds every document that matches all the while, once, while documents are written', async () => {
    const [writer, reader] = await pair(subject);
    const count = 3_000;
    const batch = (version: bigint) =>
      Array.from({ length: count }, (_, index) =>
        document(`key-${index}`, { n: 1, version: String(version) }, version),
      );
    await writer.put(batch(1n));
    let writing = true;
    const write = async () => {
      for (let version = 2n; version <= 5n; version++) await writer.put(batch(version));
      writing = false;
    };
    const read = async () => {
      while (writing) {
        for (const found of [
          await foundKeys(reader, { n: 1 }),
          await foundKeys(reader, {}),
          await foundKeys(reader, { version: { $ne: '0' } }),
        ]) {
          expect(found).toHaveLength(count);
          expect(new Set(found).size).toBe(count);
        }
        expect(await reader.count({ n: 1 })).toBe(count);
      }
    };
    await Promise.all([write(), read()]);
  });
}
