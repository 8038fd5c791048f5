import { describe, expect, it } from '@jest/globals';
import { findWindow, type FindOptions } from '@gesta/core';
import { FoundDocuments } from './found-documents.js';

const COUNT = 6_000;

/** Numbers in no order, each once. */
const shuffled = Array.from({ length: COUNT }, (_, index) => (index * 3_571) % COUNT);

const key = (n: number) => `key-${String(n).padStart(5, '0')}`;

function given(options: FindOptions): string[] {
  const found = new FoundDocuments(findWindow(options));
  for (const n of shuffled) found.add(key(n), 1n, { n, third: n % 3 });
  return found.documents().map((document) => document.key);
}

describe('what a query gives', () => {
  it('is the same whether the superfluous were thrown out on the way or not', () => {
    const byThird = Array.from({ length: COUNT }, (_, n) => n).sort((a, b) => (a % 3) - (b % 3) || a - b);
    for (const window of [{ limit: 1 }, { limit: 10, skip: 5 }, { limit: 500, skip: 700 }, { skip: 5_990 }]) {
      const { skip = 0, limit = Infinity } = window;
      const cut = <T>(all: T[]) => all.slice(skip, skip + limit);
      expect(given({ ...window, sort: { n: 1 } })).toEqual(cut(shuffled.toSorted((a, b) => a - b).map(key)));
      expect(given({ ...window, sort: { n: -1 } })).toEqual(cut(shuffled.toSorted((a, b) => b - a).map(key)));
      expect(given({ ...window, sort: { third: 1 } })).toEqual(cut(byThird.map(key)));
      expect(given(window)).toEqual(cut(shuffled.map(key).toSorted()));
    }
  });

  it('holds a document that was met twice as it was met last', () => {
    const found = new FoundDocuments(findWindow({ sort: { n: 1 } }));
    found.add('moved', 1n, { n: 1 });
    found.add('other', 1n, { n: 2 });
    found.add('moved', 2n, { n: 3 });
    expect(found.documents()).toEqual([
      { key: 'other', version: 1n, body: { n: 2 } },
      { key: 'moved', version: 2n, body: { n: 3 } },
    ]);
  });
});
