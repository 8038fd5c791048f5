import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LogPlace } from './log-place.js';
import { RemovedEvents } from './removed-events.js';
import type { StoredEvent } from './stored-event.js';

const at = (commit: number): LogPlace => ({ commit: BigInt(commit), prepare: BigInt(commit) });

function event(position: number, streamId: string, revision: number, type = 'test.happened', data = ''): StoredEvent {
  const rest = { id: '', recordedAt: 0, isJson: true, metadata: Buffer.of() };
  return { ...rest, type, streamId, revision, place: at(position), data: Buffer.from(data) };
}

const metadata = (position: number, streamId: string, data: string) =>
  event(position, `$$${streamId}`, 0, '$metadata', data);

describe('events that were removed', () => {
  let log: StoredEvent[];
  let scanned: number[];
  let removed: RemovedEvents;

  beforeEach(() => {
    log = [];
    scanned = [];
    removed = new RemovedEvents(async (after, found) => {
      scanned.push(Number(after.commit));
      const behind = log.filter(({ place }) => place.commit > after.commit);
      for (const each of behind) if (each.type.startsWith('$')) found(each);
      return behind.at(-1)?.place ?? after;
    });
  });

  it('are those before the revision that a stream was truncated to', async () => {
    log.push(metadata(50, 'test-1', '{"$tb":3,"$acl":{}}'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(true);
    expect(removed.has(event(20, 'test-1', 3))).toBe(false);
    expect(removed.has(event(30, 'test-2', 0))).toBe(false);
  });

  it('are all of a deleted stream, but none that was appended after it', async () => {
    log.push(metadata(50, 'test-1', '{"$tb":9223372036854775807}'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(true);
    expect(removed.has(event(60, 'test-1', 3))).toBe(false);
    log.push(metadata(55, 'test-1', '{"$tb":3}'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(true);
    expect(removed.has(event(60, 'test-1', 3))).toBe(false);
  });

  it('are all of a tombstoned stream, for ever', async () => {
    log.push(event(50, 'test-1', 9, '$streamDeleted'), metadata(60, 'test-1', '{}'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(true);
  });

  it('are there again when a stream is truncated no longer', async () => {
    log.push(metadata(50, 'test-1', '{"$tb":3}'), metadata(60, 'test-1', '{"$maxCount":7}'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(false);
  });

  it('bears with metadata that is none', async () => {
    log.push(metadata(50, 'test-1', 'nonsense'), metadata(51, 'test-1', ''), metadata(52, 'test-1', '[]'));
    log.push(metadata(53, 'test-1', '{"$tb":"x"}'), metadata(54, 'test-1', 'null'));
    await removed.learn(at(0));
    expect(removed.has(event(10, 'test-1', 2))).toBe(false);
  });

  it('are looked for only where nobody has looked', async () => {
    log.push(event(10, 'test-1', 0), event(20, 'test-1', 1));
    await removed.learn(at(10));
    await removed.learn(at(15), at(20));
    expect(scanned).toEqual([10]);
    await removed.learn(at(15)); // to the end, wherever that is by now
    expect(scanned).toEqual([10, 20]);
    await removed.learn(at(5), at(20)); // from further back
    expect(scanned).toEqual([10, 20, 5]);
  });

  it('are not looked for again behind the end that is followed without a gap', async () => {
    await removed.learn(at(10), at(10));
    removed.follow(metadata(20, 'test-1', '{"$tb":3}'), at(10));
    await removed.learn(at(10), at(20));
    expect(scanned).toEqual([10]);
    expect(removed.has(event(5, 'test-1', 2))).toBe(true);
    removed.follow(event(90, 'test-1', 7), at(80)); // something was missed from 20 to 80
    await removed.learn(at(10), at(80));
    expect(scanned).toEqual([10, 20]);
  });
});
