import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../../../libs/core/test/until.js';
import type { Answer } from '../payment-provider.js';
import { LedgerFile, type LedgerLine } from './simulated-ledger.js';
import { SimulatedProvider } from './simulated-provider.js';

const settings = {
  answerMs: 0,
  slowMs: 5,
  declineRate: 0,
  lostAnswerRate: 0,
  callbackSecret: 'secret',
  ledger: undefined,
  toleranceS: 300,
};

describe('SimulatedProvider', () => {
  const opened: SimulatedProvider[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((provider) => provider.close())));

  /** One of any number of processes. */
  const open = (changed: object = {}) => {
    const lines: LedgerLine[] = [];
    const calls: Answer[] = [];
    const add = (line: LedgerLine) => void lines.push(line);
    const provider: SimulatedProvider = new SimulatedProvider(
      { ...settings, ...changed },
      { add },
      async (body, headers) => {
        const callback = { body: Buffer.from(body), headers, now: new Date(), signal: AbortSignal.timeout(5_000) };
        calls.push((await provider.verify(callback))!.answer);
      },
    );
    opened.push(provider);
    return { provider, lines, calls };
  };
  const asked = (request: string, key: string, attempt = 1) => {
    const amount = { amount: 100, currency: 'EUR' };
    return { key, orderId: 'order-1', request, amount, attempt, signal: AbortSignal.timeout(5_000) };
  };

  it('answers what is asked again alike, in every process and after a restart', async () => {
    const [one, other] = [open(), open()];
    const token = 'tok_ok';
    const answers = [
      await one.provider.authorise({ ...asked('authorise', 'key'), token }),
      await one.provider.authorise({ ...asked('authorise', 'key', 2), token }),
      await other.provider.authorise({ ...asked('authorise', 'key'), token }),
    ];
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const apart = await one.provider.authorise({ ...asked('authorise', 'another key'), token });
    expect(apart).not.toEqual(answers[0]);
  });

  it('declines a card whose token says so, and moves nothing', async () => {
    const { provider, lines } = open();
    const answer = await provider.authorise({ ...asked('authorise', 'key'), token: 'tok_declined' });
    expect(answer).toEqual({ outcome: 'declined', reason: 'CardDeclined' });
    expect(lines).toEqual([]);
  });

  it('does what is asked and loses the first answer, to the capture as to the authorisation', async () => {
    const { provider, lines } = open();
    const authorise = (attempt: number) =>
      provider.authorise({ ...asked('authorise', 'key', attempt), token: 'tok_lost_answer' });
    await expect(authorise(1)).rejects.toThrow('lost');
    const { reference } = (await authorise(2)) as { reference: string };
    const capture = (attempt: number) => provider.capture({ ...asked('capture', 'capture key', attempt), reference });
    await expect(capture(1)).rejects.toThrow('lost');
    await capture(2);
    expect(new Set(lines.map(({ operation, key }) => `${operation} ${key}`))).toEqual(
      new Set(['authorise key', 'capture capture key']),
    );
  });

  it('calls back before it answers, or twice after it', async () => {
    const first = open();
    const answer = await first.provider.authorise({ ...asked('authorise', 'key'), token: 'tok_callback_first' });
    expect(first.calls).toEqual([answer]);
    const twice = open();
    await twice.provider.authorise({ ...asked('authorise', 'key'), token: 'tok_callback_twice' });
    await until('it has called twice', () => twice.calls.length === 2);
  });

  it('does not answer whoever does not wait', async () => {
    const { provider, lines } = open({ slowMs: 60_000 });
    const signal = AbortSignal.abort(new Error('not waited for'));
    await expect(provider.authorise({ ...asked('authorise', 'key'), signal, token: 'tok_slow' })).rejects.toThrow();
    expect(lines).toEqual([]);
  });

  it('declines and loses as often as it is told to, by the key', async () => {
    const { provider } = open({ declineRate: 0.25, lostAnswerRate: 0.25 });
    const outcomes = await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        provider.authorise({ ...asked('authorise', `key-${index}`), token: 'tok_ok' }).then(
          ({ outcome }) => outcome,
          () => 'lost',
        ),
      ),
    );
    for (const outcome of ['declined', 'lost']) {
      const count = outcomes.filter((each) => each === outcome).length;
      expect(count).toBeGreaterThan(40);
      expect(count).toBeLessThan(160);
    }
  });

  it('keeps its ledger in a file that outlives it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    try {
      const path = join(folder, 'ledger.jsonl');
      for (const key of ['a', 'b']) {
        const provider = new SimulatedProvider(settings, new LedgerFile(path), () => Promise.resolve());
        opened.push(provider);
        await provider.authorise({ ...asked('authorise', key), token: 'tok_ok' });
      }
      const lines = readFileSync(path, 'utf8').trim().split('\n');
      expect(lines.map((line) => JSON.parse(line) as LedgerLine)).toMatchObject([
        { operation: 'authorise', orderId: 'order-1', key: 'a', amount: { amount: 100, currency: 'EUR' } },
        { key: 'b' },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
