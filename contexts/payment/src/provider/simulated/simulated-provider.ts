import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../domain/operation.js';
import {
  BadCallback,
  type Answer,
  type Asked,
  type AskedToAuthorise,
  type AskedToCapture,
  type AskedToRefund,
  type AskedToVoid,
  type CalledBack,
  type Callback,
  type PaymentProvider,
} from '../payment-provider.js';
import { checkSignature, headerOf, parsed, signed } from '../signed-body.js';
import type { Ledger } from './simulated-ledger.js';
import type { SimulatedSettings } from './simulated-settings.js';

/** The header that bears the signature of its callbacks. */
export const SIGNATURE_HEADER = 'x-simulated-signature';

/** How a card behaves, by its token. */
const MANNERS = {
  tok_declined: 'declined',
  tok_slow: 'slow',
  tok_lost_answer: 'lost',
  tok_callback_twice: 'twice',
  tok_callback_first: 'first',
} as const;
type Manner = (typeof MANNERS)[keyof typeof MANNERS] | 'ok';

/** Brings a callback to whoever takes it, as a request would. */
export type CallBack = (body: Buffer, headers: Record<string, string>) => Promise<void>;

/**
 * A provider that holds nobody's money. It remembers nothing: what it answers follows from the key, the token and the attempt,
 * so that it answers alike after a restart and in each of several processes. What it calls a thing follows from the key under
 * which that was asked for, so that the same asked twice is one thing; and it tells how the card behaves, so that captures and
 * refunds behave as the authorisation did.
 */
export class SimulatedProvider implements PaymentProvider {
  readonly name = 'simulated';
  private readonly ending = new AbortController();
  private readonly underWay = new Set<Promise<void>>();

  /**
   * @param callBack brings its callbacks
   * @param now the time; tests set it
   */
  constructor(
    private readonly settings: SimulatedSettings,
    private readonly ledger: Ledger,
    private readonly callBack: CallBack,
    private readonly now: () => Date = () => new Date(),
  ) {}

  authorise(asked: AskedToAuthorise): Promise<Answer> {
    return this.answer('authorise', asked, mannerOf(asked.token));
  }

  capture(asked: AskedToCapture): Promise<Answer> {
    return this.answer('capture', asked, mannerIn(asked.reference));
  }

  void(asked: AskedToVoid): Promise<Answer> {
    return this.answer('void', asked, mannerIn(asked.reference));
  }

  refund(asked: AskedToRefund): Promise<Answer> {
    return this.answer('refund', asked, mannerIn(asked.reference));
  }

  async verify(callback: Callback): Promise<CalledBack | undefined> {
    const { callbackSecret, toleranceS } = this.settings;
    checkSignature(headerOf(callback, SIGNATURE_HEADER), callbackSecret, callback, toleranceS);
    return calledBack(callback.body);
  }

  /** Waits for callbacks that are on their way, which come no later than this. */
  async close(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.underWay);
  }

  private async answer(operation: Operation, asked: Asked, manner: Manner): Promise<Answer> {
    const { answerMs, slowMs, lostAnswerRate } = this.settings;
    await delay(manner === 'slow' ? slowMs : answerMs, undefined, { signal: asked.signal });
    const answer = this.decide(operation, asked, manner);
    if (answer.outcome === 'done') {
      const { orderId, key, amount } = asked;
      this.ledger.add({ operation, orderId, key, amount, reference: answer.reference });
    }
    if (manner === 'first') await this.tell(asked, answer);
    if (manner === 'twice') this.later(() => this.tell(asked, answer).then(() => this.tell(asked, answer)));
    const isLost = manner === 'lost' || chance(asked.key, 'lost') < lostAnswerRate;
    if (isLost && asked.attempt === 1) throw new Error('The connection to the simulated provider was lost');
    return answer;
  }

  private decide(operation: Operation, { key }: Asked, manner: Manner): Answer {
    const isDeclined = manner === 'declined' || chance(key, 'declined') < this.settings.declineRate;
    if (operation === 'authorise' && isDeclined) return { outcome: 'declined', reason: 'CardDeclined' };
    return { outcome: 'done', reference: `sim_${manner}_${hash('sha256', key, 'hex').slice(0, 24)}` };
  }

  /** Calls back. A callback that is not taken is lost: what it says is asked for, or was answered. */
  private async tell({ orderId, request }: Asked, answer: Answer): Promise<void> {
    const body = Buffer.from(JSON.stringify({ orderId, request, answer }));
    const headers = { [SIGNATURE_HEADER]: signed(this.settings.callbackSecret, body, this.now()) };
    await this.callBack(body, headers).catch(() => undefined);
  }

  private later(work: () => Promise<void>): void {
    const running = delay(this.settings.answerMs, undefined, { signal: this.ending.signal, ref: false })
      .then(work, () => undefined)
      .finally(() => this.underWay.delete(running));
    this.underWay.add(running);
  }
}

function mannerOf(token: string): Manner {
  return Object.hasOwn(MANNERS, token) ? MANNERS[token as keyof typeof MANNERS] : 'ok';
}

function mannerIn(reference: string): Manner {
  const manner = reference.split('_')[1];
  return Object.values(MANNERS).find((known) => known === manner) ?? 'ok';
}

/** A number from 0 to 1, always the same for the key. */
function chance(key: string, of: string): number {
  return Number.parseInt(hash('sha256', `${of} ${key}`, 'hex').slice(0, 8), 16) / 2 ** 32;
}

function calledBack(body: Buffer): CalledBack {
  const { orderId, request, answer } = parsed(body) as Partial<CalledBack>;
  const isWhole = [orderId, request, answer?.outcome].every((part) => typeof part === 'string');
  if (!isWhole) throw new BadCallback('The callback says not all of orderId, request and answer');
  return { orderId, request, answer } as CalledBack;
}
