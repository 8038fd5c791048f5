import { describe, expect, it } from '@jest/globals';
import { Interruption } from './interruption.js';

describe('Ctrl-C', () => {
  let ended = 0;
  let now = 5_000;
  const pressed = (...times: readonly number[]) => {
    ended = 0;
    const interruption = new Interruption(
      () => ended++,
      () => now,
    );
    for (now of times) interruption.press();
    return interruption.stopping.aborted;
  };

  it('asks the command to stop', () => {
    expect(pressed()).toBe(false);
    expect(pressed(5_000)).toBe(true);
    expect(ended).toBe(0);
  });

  it('is one key press when npm hands it on as well', () => {
    pressed(5_000, 5_002);
    expect(ended).toBe(0);
  });

  it('ends the command when it is pressed again', () => {
    pressed(5_000, 5_002, 6_000);
    expect(ended).toBe(1);
  });
});
