import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StandInAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** Money that a stand-in holds. */
export interface Hold {
  readonly reference: string;
  readonly amount: string;
  state: 'held' | 'captured' | 'voided';
  /** What the capture is called. */
  capture?: string;
}

/** A server that speaks a provider's published HTTP, as far as it is asked to here, and keeps the money in memory. */
export abstract class StandIn {
  readonly holds = new Map<string, Hold>();
  readonly refunds: { readonly reference: string; readonly capture: string; readonly amount: string }[] = [];
  /** Whether answers are lost, after what was asked for is done. */
  losesAnswers = false;
  /** Everything is answered with this status, and nothing done. */
  failure: number | undefined;
  readonly requests: StandInRequest[] = [];
  private readonly answered = new Map<string, { readonly body: string; readonly answer: StandInAnswer }>();
  private server: Server | undefined;
  private numbers = 0;

  protected abstract answer(request: StandInRequest): StandInAnswer;

  async open(): Promise<string> {
    this.server = createServer(async (incoming, outgoing) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url.split('?', 1)[0]!, headers, body };
      this.requests.push(request);
      const { status, body: said } =
        this.failure === undefined ? this.answer(request) : { status: this.failure, body: {} };
      if (this.losesAnswers && this.isOfMoney(request)) {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(said === undefined ? undefined : JSON.stringify(said));
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** Which requests' answers can be lost; those that move money. */
  protected isOfMoney({ method }: StandInRequest): boolean {
    return method === 'POST';
  }

  protected number(prefix: string): string {
    return `${prefix}${++this.numbers}`;
  }

  protected hold(reference: string, amount: string): Hold {
    const hold: Hold = { reference, amount, state: 'held' };
    this.holds.set(reference, hold);
    return hold;
  }

  /** Gives a request its first answer again when it comes again under the same key. */
  protected once(key: string | undefined, request: StandInRequest, work: () => StandInAnswer): StandInAnswer {
    if (key === undefined) throw new Error(`${request.path} bears no key`);
    const before = this.answered.get(key);
    if (before)
      return before.body === request.body
        ? before.answer
        : { status: 400, body: { error: { type: 'idempotency_error' } } };
    const answer = work();
    this.answered.set(key, { body: request.body, answer });
    return answer;
  }
}

/** An amount in main units, such as `19.99`, as a whole number that can be reckoned with. */
export function cents(amount: string): number {
  return Math.round(Number(amount) * 100);
}
