import { describe, expect, it } from '@jest/globals';
import { v5 } from 'uuid';
import { deterministicId } from './deterministic-id.js';

const GESTA = 'c8f0a9a4-6f0e-5d0b-9f57-3f0f6f1a2b71';

describe('deterministicId', () => {
  it('is the UUID of version 5 of its parts', () => {
    const parts = [
      [],
      ['event', 1, 2n],
      ['Zürich', '日本', '\u{1f600}', '\0', '"'],
      ...Array.from({ length: 100 }, (_, n) => ['n', n]),
    ];
    for (const some of parts) expect(deterministicId(...some)).toBe(v5(JSON.stringify(some.map(String)), GESTA));
  });

  it('keeps its parts apart', () => {
    expect(deterministicId('a', 'b')).not.toBe(deterministicId('ab'));
    expect(deterministicId('a', 'b')).not.toBe(deterministicId('a","b'));
  });
});
