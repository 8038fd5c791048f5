import { describe, expect, it } from '@jest/globals';
import { OnceASecond } from './once-a-second.js';

describe('A line a second', () => {
  it('is written of each kind, and says how many were not', () => {
    let now = 0;
    const lines: string[] = [];
    const seldom = new OnceASecond(() => now);
    const tell = (kind: string, line: string) => seldom.write(kind, line, (written) => void lines.push(written));
    for (let n = 0; n < 5_000; n++) {
      tell('a', `a${n}`);
      tell('b', `b${n}`);
    }
    expect(lines).toEqual(['a0', 'b0']);
    now = 999;
    tell('a', 'a too soon');
    now = 1_000;
    tell('a', 'a again');
    expect(lines.slice(2)).toEqual(['a again (and 5000 more of this kind since the last one that was told)']);
    now = 2_500;
    tell('a', 'a at last');
    expect(lines.slice(3)).toEqual(['a at last']);
  });
});
