import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageOf, type Message } from './message.js';
import { Progress } from './progress.js';

/** Reads an event at the place. */
function read(progress: Progress, place: number): Message {
  const { place: after, count } = progress.read;
  const message = messageOf(
    { event: { id: String(place) } as never },
    { number: count + 1, after, parkedAt: undefined },
  );
  progress.add(message, place);
  return message;
}

describe('The progress of a group', () => {
  it('is where it began, when nothing was read', () => {
    expect(new Progress(7).settled).toEqual({ place: 7, count: 0 });
  });

  it('goes up to the event before the first one that is not settled, in whatever order they are', () => {
    const events = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.boolean(), fc.nat({ max: 3 })), {
      selector: ([place]) => place,
      maxLength: 30,
    });
    fc.assert(
      fc.property(events, fc.infiniteStream(fc.nat()), (unordered, order) => {
        const progress = new Progress(0);
        const inOrder = unordered.toSorted(([a], [b]) => a - b);
        const messages: { message: Message; place: number; isSettled: boolean }[] = [];
        for (const [place, isSettled, passedOver] of inOrder) {
          messages.push({ message: read(progress, place * 10), place: place * 10, isSettled });
          progress.passOver(place * 10 + passedOver, passedOver);
        }
        const end = progress.read;
        const ranks = new Map(messages.map(({ message }) => [message, order.next().value]));
        const shuffled = messages.toSorted((a, b) => ranks.get(a.message)! - ranks.get(b.message)!);
        for (const { message, isSettled } of shuffled) if (isSettled) progress.settle(message);
        const first = messages.find(({ isSettled }) => !isSettled);
        expect(progress.settled).toEqual(first ? { place: first.message.after, count: first.message.number - 1 } : end);
        for (const { place, isSettled } of messages) if (!isSettled) expect(progress.settled.place).toBeLessThan(place);
      }),
    );
  });
});
