import { describe, expect, it } from '@jest/globals';
import { heldBytes } from './held-bytes.js';

describe('heldBytes', () => {
  it('counts text, numbers and what holds them', () => {
    expect(heldBytes('x'.repeat(1_000))).toBeGreaterThanOrEqual(1_000);
    expect(heldBytes({ a: ['x'.repeat(1_000), { b: 'y'.repeat(1_000) }] })).toBeGreaterThanOrEqual(2_000);
    expect(heldBytes(Array.from({ length: 1_000 }, (_, n) => n))).toBeGreaterThanOrEqual(8_000);
    expect(heldBytes({ a: 1, b: null })).toBeLessThan(200);
  });

  it('looks into maps, sets and buffers', () => {
    const text = (n: number) => `${n}`.padStart(100);
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    expect(heldBytes(new Map(numbers.map((n) => [n, text(n)])))).toBeGreaterThanOrEqual(10_000);
    expect(heldBytes({ in: new Set(numbers.map(text)) })).toBeGreaterThanOrEqual(10_000);
    expect(heldBytes([new Uint8Array(5_000)])).toBeGreaterThanOrEqual(5_000);
  });

  it('counts once what is held twice, or holds itself', () => {
    const shared = { text: 'x'.repeat(1_000) };
    const round: Record<string, unknown> = { shared, again: shared };
    round.itself = round;
    expect(heldBytes(round)).toBeLessThan(1_500);
  });

  it('counts no further than it is told', () => {
    expect(
      heldBytes(
        Array.from({ length: 100_000 }, () => 'x'.repeat(100)),
        5_000,
      ),
    ).toBeLessThan(6_000);
  });
});
