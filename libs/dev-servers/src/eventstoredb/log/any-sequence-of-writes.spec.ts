import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { EventLog } from './event-log.js';
import { originalOf, type ExpectedRevision, type WriteOutcome } from './log-event.js';
import { metastreamOf } from './stream-names.js';

/** What is known of a stream: as little as can be told about EventStoreDB's streams in words. */
class StreamModel {
  ids: string[] = [];
  first = 0;
  /** The first revision that was not scavenged. */
  kept = 0;
  maxCount = Infinity;
  hasMetadata = false;
  isDeleted = false;
  isTombstoned = false;

  get last(): number {
    return this.ids.length - 1;
  }

  /** @returns why a write is refused, if it is */
  refusal(expected: ExpectedRevision): WriteOutcome['result'] | undefined {
    if (this.isTombstoned) return 'stream-deleted';
    if (expected === 'any') return undefined;
    if (expected === 'stream-exists') {
      if (this.isDeleted) return 'stream-deleted';
      return this.last < 0 && !this.hasMetadata ? 'wrong-expected-revision' : undefined;
    }
    if (expected === 'no-stream') return this.last < 0 || this.isDeleted ? undefined : 'wrong-expected-revision';
    return expected === this.last ? undefined : 'wrong-expected-revision';
  }

  append(ids: readonly string[]): void {
    if (this.isDeleted) {
      this.first = this.ids.length;
      this.maxCount = Infinity;
    }
    this.isDeleted = false;
    this.ids.push(...ids);
  }

  /** Removes what nobody sees, but for the last event. */
  scavenge(): void {
    if (this.last >= 0) this.kept = this.isDeleted ? this.last : Math.min(this.#lowest, this.last);
  }

  /** The revisions that a reader sees; undefined when there is no stream. */
  get visible(): number[] | undefined {
    if (this.last < 0 || this.isDeleted) return undefined;
    return this.ids.map((_, revision) => revision).filter((revision) => revision >= this.#lowest);
  }

  get #lowest(): number {
    return Math.max(this.kept, this.first, this.ids.length - this.maxCount);
  }
}

const STREAMS = ['orders-1', 'orders-2', 'parcels'];
const stream = fc.constantFrom(...STREAMS);
const expected: fc.Arbitrary<ExpectedRevision> = fc.oneof(
  fc.constantFrom('any' as const, 'no-stream' as const, 'stream-exists' as const),
  fc.integer({ min: -1, max: 6 }).map((revision) => (revision < 0 ? 'no-stream' : revision)),
);
const write = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      stream,
      expected,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), stream, expected: fc.constantFrom('any' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tombstone' as const), stream, expected }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('limit' as const), stream, maxCount: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), stream, first: fc.nat({ max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scavenge' as const) }) },
);

const event = (type: string, data: unknown = {}) => ({
  id: randomUUID(),
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(0),
});

/** The revisions of a whole stream, read in pages of two. */
function read(log: EventLog, streamId: string, backwards: boolean): number[] | 'not-found' | 'deleted' {
  const revisions: number[] = [];
  for (let from: number | 'end' = backwards ? 'end' : 0; ;) {
    const page = log.readStream(streamId, { from, backwards, limit: 2 });
    if (page.status !== 'found') return page.status;
    revisions.push(...page.events.map((each) => originalOf(each).revision));
    if (page.end) return revisions;
    from = page.next;
  }
}

describe('Any sequence of appends, deletions and metadata', () => {
  it('leaves streams that read as they should, before and after scavenging', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 25 }), async (writes) => {
        const log = await EventLog.open();
        const models = new Map(STREAMS.map((name) => [name, new StreamModel()]));
        for (const each of writes) {
          if (each.kind === 'scavenge') {
            await log.scavenge(new AbortController().signal);
            for (const model of models.values()) model.scavenge();
            continue;
          }
          const model = models.get(each.stream)!;
          if (each.kind === 'append') {
            const events = Array.from({ length: each.count }, () => event('counted'));
            const outcome = await log.append(each.stream, events, each.expected);
            const refusal = model.refusal(each.expected);
            expect(outcome.result).toBe(refusal ?? 'written');
            if (outcome.result === 'wrong-expected-revision') expect(outcome.actual).toBe(model.last);
            if (!refusal) model.append(events.map(({ id }) => id));
            if (outcome.result === 'written') expect(outcome.revision).toBe(model.last);
          } else if (each.kind === 'delete') {
            const never = model.last < 0 && !model.hasMetadata ? 'wrong-expected-revision' : undefined;
            const refusal = model.refusal('any') ?? never;
            expect((await log.deleteStream(each.stream, each.expected)).result).toBe(refusal ?? 'written');
            if (!refusal) Object.assign(model, { isDeleted: true, hasMetadata: true });
          } else if (each.kind === 'tombstone') {
            const refusal = model.isDeleted && each.expected === 'no-stream' ? 'unclear' : model.refusal(each.expected);
            if (refusal === 'unclear') continue;
            expect((await log.tombstoneStream(each.stream, each.expected)).result).toBe(refusal ?? 'written');
            if (!refusal) model.isTombstoned = true;
          } else {
            if (model.isDeleted) continue; // this brings it back, and is not what is looked at here
            const data = each.kind === 'limit' ? { $maxCount: each.maxCount } : { $tb: each.first };
            const outcome = await log.append(metastreamOf(each.stream), [event('$metadata', data)], 'any');
            expect(outcome.result).toBe(model.isTombstoned ? 'stream-deleted' : 'written');
            if (model.isTombstoned) continue;
            model.maxCount = each.kind === 'limit' ? each.maxCount : Infinity;
            model.first = each.kind === 'truncate' ? each.first : 0;
            model.hasMetadata = true;
          }
          for (const [name, { isTombstoned, visible, ids }] of models) {
            const wanted = isTombstoned ? 'deleted' : (visible ?? 'not-found');
            expect({ name, forwards: read(log, name, false) }).toEqual({ name, forwards: wanted });
            expect(read(log, name, true)).toEqual(Array.isArray(wanted) ? wanted.toReversed() : wanted);
            if (Array.isArray(wanted) && wanted.length > 0) {
              expect(log.readEvent(name, wanted[0]!)?.id).toBe(ids[wanted[0]!]);
            }
          }
        }
        await log.close();
      }),
      { numRuns: 100 },
    );
  });
});
