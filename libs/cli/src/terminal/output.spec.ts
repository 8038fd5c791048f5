import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { captured } from '../../test/in-process.js';
import { Output, printable } from './output.js';

const output = (stdout: Writable, asJson = true) => new Output(stdout, captured().destination, asJson);

describe('output', () => {
  it('writes an array as its elements come', async () => {
    const { destination, text } = captured();
    await output(destination).jsonArray(
      (async function* () {
        yield { position: 2n ** 60n };
        expect(text()).toBe('[{"position":"1152921504606846976"}');
        yield 'two';
        expect(text()).toBe('[{"position":"1152921504606846976"},\n"two"');
      })(),
    );
    expect(JSON.parse(text())).toEqual([{ position: '1152921504606846976' }, 'two']);
  });

  it('writes an empty array', async () => {
    const { destination, text } = captured();
    await output(destination).jsonArray((async function* () {})());
    expect(text()).toBe('[]\n');
  });

  it('goes no faster than its reader', async () => {
    const held: (() => void)[] = [];
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void held.push(done) });
    let isDone = false;
    const printed = output(slow)
      .print('much')
      .then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    held.shift()!();
    await printed;
  });

  it('shows control characters instead of obeying them', () => {
    expect(printable('a\u001b[31mred\u0007\u009b\ttab\nline')).toBe('a\\u001b[31mred\\u0007\\u009b\ttab\nline');
  });
});
