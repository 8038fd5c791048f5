import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { EventHeaders } from '../events/recorded-event.js';
import { Command } from './command.decorator.js';
import { beginDecision, currentMessage, runInMessageContext, type TransactContext } from './message-context.js';

const STREAM = 'bank.account-1';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** A decision that is made at once. */
function decisionOn(stream: string, given?: TransactContext) {
  const { commandId, headers, resolve, end } = beginDecision(stream, given);
  resolve();
  end();
  return { commandId, headers };
}

describe('outside of any message', () => {
  it('there is no current message', () => {
    expect(currentMessage()).toBeUndefined();
  });

  it('a decision has no id, and a correlation of its own', () => {
    const { commandId, headers } = decisionOn(STREAM);
    expect(commandId).toBeUndefined();
    expect(headers).toEqual({ correlationId: expect.stringMatching(UUID) });
    expect(decisionOn(STREAM).headers.correlationId).not.toBe(headers.correlationId);
  });

  it('a command that is given an id is what its events are correlated by and caused by', () => {
    expect(decisionOn(STREAM, { commandId: 'c1' })).toEqual({
      commandId: 'c1',
      headers: { correlationId: 'c1', causationId: 'c1' },
    });
  });

  it('headers that are given are kept', () => {
    const headers = { correlationId: 'r1', causationId: 'e1', userId: 'u1', 'shop.region': ['north'] };
    expect(decisionOn(STREAM, { commandId: 'c1', headers })).toEqual({ commandId: 'c1', headers });
  });
});

describe('within a message', () => {
  const headers = { correlationId: 'r1', userId: 'u1', traceparent: '00-1-2-03' };

  it('decisions carry its id and its headers, also when they come later', async () => {
    const decided = await runInMessageContext({ commandId: 'c1', headers }, async () => {
      await nextTurn();
      return decisionOn(STREAM);
    });
    expect(decided).toEqual({ commandId: 'c1', headers: { ...headers, causationId: 'c1' } });
    expect(currentMessage()).toBeUndefined();
  });

  it('everything has one correlation, also where none was given', () => {
    const correlations = (context: { commandId?: string }) =>
      runInMessageContext(context, () => [
        currentMessage()!.headers!.correlationId,
        ...[STREAM, STREAM, 'bank.account-2'].map((stream) => decisionOn(stream).headers.correlationId),
      ]);
    expect(new Set(correlations({}))).toEqual(new Set([expect.stringMatching(UUID)]));
    expect(new Set(correlations({ commandId: 'c1' }))).toEqual(new Set(['c1']));
  });

  it('its second decision on a stream has an id of its own, the same one whenever the message is handled', () => {
    const handle = () =>
      runInMessageContext({ commandId: 'c1' }, () =>
        [STREAM, 'bank.account-2', STREAM].map((stream) => decisionOn(stream).commandId),
      );
    const [first, elsewhere, second] = handle();
    expect([first, elsewhere]).toEqual(['c1', 'c1']);
    expect(second).not.toBe('c1');
    expect(handle()).toEqual([first, elsewhere, second]);
  });

  it('whatever it leads to is caused by it', () => {
    const causes = runInMessageContext({ commandId: 'c1' }, () =>
      [1, 2, 3].map(() => decisionOn(STREAM).headers.causationId),
    );
    expect(causes).toEqual(['c1', 'c1', 'c1']);
    const caused = runInMessageContext({ commandId: 'c1', headers: { causationId: 'e1' } }, () => decisionOn(STREAM));
    expect(caused.headers.causationId).toBe('e1');
  });

  it('an id that is given counts, however often, and the headers are inherited', () => {
    runInMessageContext({ commandId: 'c1', headers }, () => {
      for (const _ of [1, 2]) {
        expect(decisionOn(STREAM, { commandId: 'c2', headers: { userId: 'u2' } })).toEqual({
          commandId: 'c2',
          headers: { ...headers, userId: 'u2', causationId: 'c2' },
        });
      }
      expect(decisionOn(STREAM).commandId).toBe('c1');
    });
  });

  it('a header that is undefined is not there, and hides nothing', () => {
    runInMessageContext({ headers: { ...headers, tenant: undefined } }, () => {
      expect(decisionOn(STREAM, { headers: { correlationId: undefined, userId: undefined } }).headers).toStrictEqual(
        headers,
      );
    });
  });

  it('headers that JSON cannot hold are refused where they are given', () => {
    const bad = { headers: { depth: 1n } as unknown as EventHeaders };
    expect(() => runInMessageContext(bad, () => 'not reached')).toThrow('headers.depth is a bigint');
    expect(() => decisionOn(STREAM, bad)).toThrow('headers.depth is a bigint');
  });

  it('no decision changes what the next one inherits', () => {
    runInMessageContext({ headers }, () => {
      decisionOn(STREAM).headers.userId = 'somebody else';
      expect(decisionOn(STREAM).headers).toEqual(headers);
    });
    expect(headers.userId).toBe('u1');
  });

  it('another message inherits what it is told to', () => {
    runInMessageContext({ commandId: 'c1', headers }, () => {
      decisionOn(STREAM);
      runInMessageContext({ headers: { correlationId: 'r2' } }, () => {
        expect(decisionOn(STREAM)).toEqual({ commandId: undefined, headers: { correlationId: 'r2' } });
      });
      runInMessageContext({ ...currentMessage(), commandId: 'c2' }, () => {
        expect(decisionOn(STREAM)).toEqual({ commandId: 'c2', headers: { ...headers, causationId: 'c2' } });
      });
      expect(decisionOn(STREAM).commandId).toBe('c1#2');
    });
  });
});

describe('what a decision says', () => {
  @Command('bank.pay')
  class Pay {
    constructor(
      readonly from: string,
      readonly sum: number,
    ) {}
  }
  @Command('bank.refund')
  class Refund {
    constructor(
      readonly from: string,
      readonly sum: number,
    ) {}
  }
  const contentOf = (command: object | undefined, content?: string, commandId = 'c1') =>
    beginDecision(STREAM, { commandId, command, content }).content;

  it("is its command's name with its fields, in whatever order", () => {
    const pay = contentOf(new Pay('a', 5));
    expect(contentOf(Object.assign(Object.create(Pay.prototype) as Pay, { sum: 5, from: 'a' }))).toBe(pay);
    expect(contentOf(new Pay('a', 6))).not.toBe(pay);
    expect(contentOf(new Refund('a', 5))).not.toBe(pay);
  });

  it('is with the name what the message says, where that says something', () => {
    const pay = contentOf(new Pay('a', 5), 'a request');
    expect(contentOf(new Pay('a', 6), 'a request')).toBe(pay);
    expect(contentOf(new Pay('a', 5), 'another request')).not.toBe(pay);
    expect(contentOf(new Refund('a', 5), 'a request')).not.toBe(pay);
  });

  it('names a command that bears no name by the method that handles it, and not by its class, which bundles rename', () => {
    const [one, renamed] = [class Transfer {}, class t {}].map((Transfer) => Object.assign(new Transfer(), { sum: 5 }));
    const handledBy = (method: string | undefined, command: object) =>
      beginDecision(STREAM, { commandId: 'c1', command }, method).content;
    expect(handledBy('transfer', renamed!)).toBe(handledBy('transfer', one!));
    expect(handledBy('reverse', one!)).not.toBe(handledBy('transfer', one!));
    expect(handledBy(undefined, renamed!)).toBe(handledBy(undefined, one!));
    expect(handledBy('transfer', new Pay('a', 5))).toBe(contentOf(new Pay('a', 5)));
  });

  it('is not known of a command that JSON cannot hold, nor where nothing was said, nor needed without an id', () => {
    expect(contentOf({ depth: 1n })).toBeUndefined();
    expect(contentOf(undefined)).toBeUndefined();
    expect(beginDecision(STREAM, { command: new Pay('a', 5) }).content).toBeUndefined();
  });

  it('goes on where the same message is begun within itself, and does not go over to another', () => {
    runInMessageContext({ commandId: 'c1', content: 'a request' }, () => {
      const said = decided().content;
      expect(runInMessageContext({ ...currentMessage() }, decided).content).toBe(said);
      expect(runInMessageContext({ ...currentMessage(), commandId: 'c2' }, decided).content).toBeUndefined();
    });
    function decided() {
      return beginDecision(STREAM);
    }
  });
});

describe('a decision that failed without a result', () => {
  class Pay {
    constructor(readonly sum: number) {}
  }
  const within = (work: () => void) => runInMessageContext({ commandId: 'c1' }, work);

  it('is the same one when it is tried again, and another one when it is known what came of it', () => {
    within(() => {
      for (const _ of [1, 2, 3]) {
        const tried = beginDecision(STREAM);
        expect(tried.commandId).toBe('c1');
        tried.end();
      }
      expect(decisionOn(STREAM).commandId).toBe('c1');
      expect(decisionOn(STREAM).commandId).toBe('c1#2');
    });
  });

  it('keeps its number from those that go on beside it', () => {
    within(() => {
      const [first, second] = [beginDecision(STREAM), beginDecision(STREAM)];
      expect([first.commandId, second.commandId]).toEqual(['c1', 'c1#2']);
      first.end();
      second.resolve();
      second.end();
      expect(decisionOn(STREAM).commandId).toBe('c1');
      expect(decisionOn(STREAM).commandId).toBe('c1#3');
    });
  });

  it('is found by what it says where several are tried again in another order', () => {
    within(() => {
      const commands = [new Pay(5), new Pay(7)];
      const tried = commands.map((command) => beginDecision(STREAM, { command }));
      tried.forEach((each) => each.end());
      expect(beginDecision(STREAM, { command: commands[1] }).commandId).toBe('c1#2');
      expect(beginDecision(STREAM, { command: commands[0] }).commandId).toBe('c1');
    });
  });

  it('is the same one where the command was made anew and says something else, such as the time', () => {
    within(() => {
      beginDecision(STREAM, { command: new Pay(5) }).end();
      expect(beginDecision(STREAM, { command: new Pay(6) }).commandId).toBe('c1');
    });
  });
});
