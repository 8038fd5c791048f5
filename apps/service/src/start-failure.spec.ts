import { describe, expect, it } from '@jest/globals';
import { InvalidEnvironment } from './environment.js';
import { inPlainWords } from './start-failure.js';

const listening = (code: string) => Object.assign(new Error(code), { code, port: 3000, address: '127.0.0.1' });

describe('inPlainWords', () => {
  it.each([
    ['EADDRINUSE', 'Port 3000 of 127.0.0.1 is taken: set PORT to another one, such as PORT=3001'],
    ['EACCES', 'Port 3000 of 127.0.0.1 may not be used: set PORT to one from 1024, such as PORT=3000'],
    ['EADDRNOTAVAIL', 'This machine has no address 127.0.0.1: set HOST to one it has, such as HOST=127.0.0.1'],
  ])('says what to do about %s', (code, words) => {
    expect(inPlainWords(listening(code))).toBe(words);
  });

  it('tells all that is wrong with the environment, and nothing else', () => {
    const words = inPlainWords(new InvalidEnvironment(["PORT is 'x'", "HOST is '/'"]));
    expect(words).toBe("Cannot start in this environment:\n- PORT is 'x'\n- HOST is '/'");
  });

  it('leaves the stack away where a message was written for people', () => {
    expect(inPlainWords(new Error('The event store at memory: cannot be opened'))).toBe(
      'The event store at memory: cannot be opened',
    );
  });

  it('shows where a bug is', () => {
    expect(inPlainWords(new TypeError('x is not a function'))).toMatch(/start-failure\.spec/);
  });
});
