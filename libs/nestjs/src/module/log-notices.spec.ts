import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable, type Notice, type RecordedEvent } from '@gesta/core';
import { logNotices } from './log-notices.js';

function logOf(notice: Notice): string[] {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => lines.push(`${level}: ${message}`);
  logNotices({ log: at('log'), warn: at('warn'), error: at('error'), debug: at('debug') })(notice);
  return lines;
}

const event = { type: 'a.b', version: 2, revision: 3, streamId: 'a-1' } as RecordedEvent;
const error = new Error('no');

describe('notices', () => {
  it.each<{ notice: Notice; line: string }>([
    {
      notice: { kind: 'redecided', streamId: 'a-1', attempt: 2 },
      line: 'debug: a-1 was changed by another writer; decision 2',
    },
    {
      notice: { kind: 'snapshot-failed', streamId: 'a-1', error },
      line: 'warn: The state of a-1 was not saved: Error: no',
    },
    {
      notice: { kind: 'unknown-event', reader: 'r', event, policy: 'skip' },
      line: 'warn: r met a.b version 2, which it does not know, at revision 3 of a-1; it is left out',
    },
    {
      notice: { kind: 'unknown-event', reader: 'r', event, policy: 'fail' },
      line: 'error: r met a.b version 2, which it does not know, at revision 3 of a-1; it goes no further',
    },
    {
      notice: { kind: 'parked', reader: 'r', key: 'k', position: 7n, error },
      line: "error: r parked 'k' at position 7: Error: no",
    },
    {
      notice: { kind: 'runner-failed', reader: 'r', error, retryInMs: 99.6 },
      line: 'error: r failed and starts again in 100 ms: Error: no',
    },
    {
      notice: { kind: 'looked-for-later', reader: 'r', types: ['a.b', 'a.c'], upTo: 7n },
      line: 'log: r reads what was not looked for before, up to position 7: a.b, a.c',
    },
    {
      notice: { kind: 'command-without-handler', reader: 'r', type: 'a.do', count: 2 },
      line: 'warn: a.do has no handler here; it is in the log (2), and r takes it when one comes',
    },
    { notice: { kind: 'fold-changed', reader: 'r', change: 'its fold: rebuild' }, line: 'warn: r: its fold: rebuild' },
    { notice: { kind: 'lease-taken', reader: 'r' }, line: 'log: r runs here' },
    { notice: { kind: 'lease-lost', reader: 'r' }, line: 'warn: r was taken over by another process' },
  ])('of the kind $notice.kind are logged at the level they deserve', ({ notice, line }) => {
    expect(logOf(notice)).toEqual([line]);
  });

  it('tell once by each reader, in one line, that its store is away', () => {
    const away = (reader: string): Notice => ({
      kind: 'runner-failed',
      reader,
      error: new StoreUnavailable('nothing listens'),
      retryInMs: 100,
    });
    const lines: unknown[][] = [];
    const note = (...said: unknown[]) => void lines.push(said);
    const ignored = () => undefined;
    const tell = logNotices({ error: note, warn: note, log: note, debug: ignored });
    for (let n = 0; n < 3; n++) for (const reader of ['a', 'b']) tell(away(reader));
    expect(lines).toEqual([
      ['a waits for its store: StoreUnavailable: nothing listens'],
      ['b waits for its store: StoreUnavailable: nothing listens'],
    ]);
  });
});
