import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { captured } from '../../test/in-process.js';
import { Output } from './output.js';

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

  it.each([true, false])('shows what would steer a terminal instead of obeying it, as JSON: %s', async (asJson) => {
    const { destination, text } = captured();
    const told = output(destination, asJson);
    const steering = '\u001b[31mred\u009b2J\u202egpj.exe\u007f';
    if (asJson) {
      await told.json({ steering });
      await told.jsonArray(
        (async function* () {
          yield steering;
        })(),
      );
    } else await told.print(steering);
    expect(text()).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    expect(text()).toContain('\\u001b[31mred\\u009b2J\\u202egpj.exe\\u007f');
    if (asJson) expect(JSON.parse(text().split('\n')[0]!)).toEqual({ steering });
  });
});
