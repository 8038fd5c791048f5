import { describe, expect, it } from '@jest/globals';
import { SortedDocuments } from './sorted-documents.js';

describe('SortedDocuments', () => {
  const byNumber = ({ n }: { n?: unknown }) => Buffer.of(Number(n));

  function sorted(needed: number, numbers: readonly number[], skip = 0): number[] {
    const documents = new SortedDocuments(byNumber, needed);
    for (const n of numbers) documents.add({ n }, Buffer.of(n));
    documents.sort(skip);
    const given: number[] = [];
    for (let body = documents.peek(); body; body = documents.peek()) {
      given.push(body[0]!);
      documents.shift();
    }
    expect(documents.ended).toBe(true);
    return given;
  }

  it('gives documents in order, from the one that is asked for to the last that is needed', () => {
    expect(sorted(Infinity, [3, 1, 2])).toEqual([1, 2, 3]);
    expect(sorted(2, [3, 1, 2])).toEqual([1, 2]);
    expect(sorted(3, [5, 3, 1, 2], 1)).toEqual([2, 3]);
    expect(sorted(1, [], 0)).toEqual([]);
  });

  it('finds the first few among many', () => {
    const numbers = Array.from({ length: 10_000 }, (_, n) => 255 - (n % 256));
    expect(sorted(3, numbers)).toEqual([0, 0, 0]);
  });

  it('takes as much as memory is set aside for, and no more', () => {
    const megabyte = Buffer.alloc(1_000_000);
    const documents = new SortedDocuments(byNumber, Infinity);
    for (let n = 0; n < 104; n++) documents.add({ n }, megabyte);
    expect(() => documents.add({ n: 0 }, megabyte)).toThrow(expect.objectContaining({ code: 292 }));
  });
});
