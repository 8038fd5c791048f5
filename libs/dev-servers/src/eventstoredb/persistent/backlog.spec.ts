import { describe, expect, it } from '@jest/globals';
import { Backlog } from './backlog.js';
import type { Message } from './message.js';

function message(number: number, options: { bytes?: number; parkedAt?: number } = {}): Message {
  const event = { data: new Uint8Array(options.bytes ?? 0), metadata: new Uint8Array(0) };
  const place = { number, after: number - 1, parkedAt: options.parkedAt };
  return { id: String(number), event: { event: event as never }, retries: 0, ...place };
}

describe('A backlog', () => {
  it('gives messages in the order they came', () => {
    const backlog = new Backlog();
    for (const number of [3, 1, 2]) backlog.add(message(number));
    expect([...backlog].map(({ number }) => number)).toEqual([3, 1, 2]);
  });

  it('gives messages that come again in the order they were read, and those that were parked last', () => {
    const backlog = new Backlog();
    const messages = [message(0, { parkedAt: 5 }), message(7), message(0, { parkedAt: 4 }), message(2)];
    for (const each of messages) backlog.addAgain(each);
    expect([...backlog]).toEqual([messages[3], messages[1], messages[2], messages[0]]);
  });

  it('takes no more than fit', () => {
    const backlog = new Backlog();
    expect(backlog.hasRoomFor(20, 10)).toBe(true); // else nothing would ever come in
    for (let number = 0; number < 8; number++) backlog.add(message(number));
    expect(backlog.hasRoomFor(2, 10)).toBe(true);
    expect(backlog.hasRoomFor(3, 10)).toBe(false);
  });

  it('takes no more when it is large, however few they are', () => {
    const backlog = new Backlog();
    const large = message(1, { bytes: 9 * 1024 * 1024 });
    backlog.add(large);
    expect(backlog.hasRoomFor(1, 500)).toBe(false);
    backlog.delete(large);
    backlog.delete(large);
    expect(backlog.hasRoomFor(1, 500)).toBe(true);
  });
});
