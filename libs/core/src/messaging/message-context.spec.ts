import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { EventHeaders } from '../events/recorded-event.js';
import { currentMessage, decisionContext, runInMessageContext } from './message-context.js';

const STREAM = 'bank.account-1';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe('outside of any message', () => {
  it('there is no current message', () => {
    expect(currentMessage()).toBeUndefined();
  });

  it('a decision has no id, and a correlation of its own', () => {
    const { commandId, headers } = decisionContext(STREAM);
    expect(commandId).toBeUndefined();
    expect(headers).toEqual({ correlationId: expect.stringMatching(UUID) });
    expect(decisionContext(STREAM).headers.correlationId).not.toBe(headers.correlationId);
  });

  it('a command that is given an id is what its events are correlated by and caused by', () => {
    expect(decisionContext(STREAM, { commandId: 'c1' })).toEqual({
      commandId: 'c1',
      headers: { correlationId: 'c1', causationId: 'c1' },
    });
  });

  it('headers that are given are kept', () => {
    const headers = { correlationId: 'r1', causationId: 'e1', userId: 'u1', 'shop.region': ['north'] };
    expect(decisionContext(STREAM, { commandId: 'c1', headers })).toEqual({ commandId: 'c1', headers });
  });
});

describe('within a message', () => {
  const headers = { correlationId: 'r1', userId: 'u1', traceparent: '00-1-2-03' };

  it('decisions carry its id and its headers, also when they come later', async () => {
    const decided = await runInMessageContext({ commandId: 'c1', headers }, async () => {
      await nextTurn();
      return decisionContext(STREAM);
    });
    expect(decided).toEqual({ commandId: 'c1', headers: { ...headers, causationId: 'c1' } });
    expect(currentMessage()).toBeUndefined();
  });

  it('everything has one correlation, also where none was given', () => {
    const correlations = (context: { commandId?: string }) =>
      runInMessageContext(context, () => [
        currentMessage()!.headers!.correlationId,
        ...[STREAM, STREAM, 'bank.account-2'].map((stream) => decisionContext(stream).headers.correlationId),
      ]);
    expect(new Set(correlations({}))).toEqual(new Set([expect.stringMatching(UUID)]));
    expect(new Set(correlations({ commandId: 'c1' }))).toEqual(new Set(['c1']));
  });

  it('its second decision on a stream has an id of its own, the same one whenever the message is handled', () => {
    const handle = () =>
      runInMessageContext({ commandId: 'c1' }, () =>
        [STREAM, 'bank.account-2', STREAM].map((stream) => decisionContext(stream).commandId),
      );
    const [first, elsewhere, second] = handle();
    expect([first, elsewhere]).toEqual(['c1', 'c1']);
    expect(second).not.toBe('c1');
    expect(handle()).toEqual([first, elsewhere, second]);
  });

  it('whatever it leads to is caused by it', () => {
    const causes = runInMessageContext({ commandId: 'c1' }, () =>
      [1, 2, 3].map(() => decisionContext(STREAM).headers.causationId),
    );
    expect(causes).toEqual(['c1', 'c1', 'c1']);
    const caused = runInMessageContext({ commandId: 'c1', headers: { causationId: 'e1' } }, () =>
      decisionContext(STREAM),
    );
    expect(caused.headers.causationId).toBe('e1');
  });

  it('an id that is given counts, however often, and the headers are inherited', () => {
    runInMessageContext({ commandId: 'c1', headers }, () => {
      for (const _ of [1, 2]) {
        expect(decisionContext(STREAM, { commandId: 'c2', headers: { userId: 'u2' } })).toEqual({
          commandId: 'c2',
          headers: { ...headers, userId: 'u2', causationId: 'c2' },
        });
      }
      expect(decisionContext(STREAM).commandId).toBe('c1');
    });
  });

  it('a header that is undefined is not there, and hides nothing', () => {
    runInMessageContext({ headers: { ...headers, tenant: undefined } }, () => {
      expect(
        decisionContext(STREAM, { headers: { correlationId: undefined, userId: undefined } }).headers,
      ).toStrictEqual(headers);
    });
  });

  it('headers that JSON cannot hold are refused where they are given', () => {
    const bad = { headers: { depth: 1n } as unknown as EventHeaders };
    expect(() => runInMessageContext(bad, () => 'not reached')).toThrow('headers.depth is a bigint');
    expect(() => decisionContext(STREAM, bad)).toThrow('headers.depth is a bigint');
  });

  it('no decision changes what the next one inherits', () => {
    runInMessageContext({ headers }, () => {
      decisionContext(STREAM).headers.userId = 'somebody else';
      expect(decisionContext(STREAM).headers).toEqual(headers);
    });
    expect(headers.userId).toBe('u1');
  });

  it('another message inherits what it is told to', () => {
    runInMessageContext({ commandId: 'c1', headers }, () => {
      decisionContext(STREAM);
      runInMessageContext({ headers: { correlationId: 'r2' } }, () => {
        expect(decisionContext(STREAM)).toEqual({ commandId: undefined, headers: { correlationId: 'r2' } });
      });
      runInMessageContext({ ...currentMessage(), commandId: 'c2' }, () => {
        expect(decisionContext(STREAM)).toEqual({ commandId: 'c2', headers: { ...headers, causationId: 'c2' } });
      });
      expect(decisionContext(STREAM).commandId).toBe('c1#2');
    });
  });
});
