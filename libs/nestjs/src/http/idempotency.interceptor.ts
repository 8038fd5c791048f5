import { currentMessage, deterministicId, runInMessageContext, type EventAt } from '@gesta/core';
import {
  HttpException,
  Injectable,
  Logger,
  UnprocessableEntityException,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { IdempotencyRecords, type KeptAnswer, type Outcome, type Ticket } from './idempotency-records.js';
import { InvalidRequest } from './invalid-request.js';
import { jsonReplacer } from './json-replacer.js';
import { problemOf } from './problem-details.js';
import { RequestInProgress } from './request-in-progress.js';
import { requestFingerprint } from './request-fingerprint.js';
import { pathOf } from './request-path.js';

const HEADER = 'Idempotency-Key';
const KEY = /^[\x21-\x7e]{1,255}$/;

interface KeyedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  readonly user?: { readonly id?: unknown; readonly sub?: unknown; readonly userId?: unknown };
}

interface AnsweringResponse {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

/** What a request is known by: to its repeats, and to the aggregates that it reaches. */
interface Identity {
  readonly id: string;
  readonly fingerprint: string;
  readonly commandId: string;
  readonly path: string;
}

/** Gives repeats of a request its first answer. `@Idempotent()` puts it on handlers. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    private readonly records: IdempotencyRecords,
    private readonly host: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<KeyedRequest>();
    const key = request.headers[HEADER.toLowerCase()];
    if (key === undefined) return next.handle();
    const response = context.switchToHttp().getResponse<AnsweringResponse>();
    return from(this.answer(String(key), request, response, next));
  }

  private async answer(
    key: string,
    request: KeyedRequest,
    response: AnsweringResponse,
    next: CallHandler,
  ): Promise<unknown> {
    const identity = this.identityOf(key, request);
    const { id, fingerprint } = identity;
    const running = this.records.inProgress(id);
    if (running) {
      if (running.fingerprint !== fingerprint) throw keyIsTaken();
      return this.repeat((await running.outcome).answer, response);
    }
    const { answer, original } = await this.records.whileInProgress(
      id,
      fingerprint,
      this.carryOut(identity, response, next),
    );
    return original ? original() : this.repeat(answer, response);
  }

  /** Finds the answer that was given, or gives one and keeps it. */
  private async carryOut(identity: Identity, response: AnsweringResponse, next: CallHandler): Promise<Outcome> {
    const { id, fingerprint, commandId, path } = identity;
    const begun = await this.records.begin(id, fingerprint);
    if (begun.kind === 'other') throw keyIsTaken();
    if (begun.kind === 'answered') return { answer: begun.answer };

    let value: unknown;
    let at: EventAt | undefined;
    const recorded = (event: EventAt) => {
      if (!at || event.position > at.position) at = event;
    };
    try {
      // Others may wait for the same outcome when whoever asked first is gone.
      const asked = { commandId, content: fingerprint, refusalsStand: true, recorded };
      const message = { ...currentMessage(), signal: undefined, ...asked };
      value = await runInMessageContext(message, () => lastValueFrom(next.handle(), { defaultValue: undefined }));
    } catch (error) {
      const { details } = problemOf(error, path);
      if (details.status === 409) {
        const refusal: KeptAnswer = { status: 409, body: JSON.stringify(details), refused: true };
        return this.keep(begun.ticket, refusal, at, () => {
          throw error;
        });
      }
      await this.atEase(() =>
        details.status < 500 ? this.records.release(begun.ticket) : this.records.giveUp(begun.ticket),
      );
      throw error;
    }
    const location = response.getHeader('location');
    const answer: KeptAnswer = {
      status: response.statusCode,
      location: typeof location === 'string' ? location : undefined,
      body: JSON.stringify(value, jsonReplacer),
      refused: false,
    };
    return this.keep(begun.ticket, answer, at, () => value);
  }

  private async keep(
    ticket: Ticket,
    answer: KeptAnswer,
    at: EventAt | undefined,
    original: () => unknown,
  ): Promise<Outcome> {
    const kept = (await this.atEase(() => this.records.keep(ticket, answer, at))) ?? answer;
    return kept === answer ? { answer, original } : { answer: kept };
  }

  /** The work is done and has its answer, whether or not that can be noted; a repeat is recognised by the command's id. */
  private async atEase<T>(note: () => Promise<T>): Promise<T | undefined> {
    try {
      return await note();
    } catch (error) {
      if (error instanceof RequestInProgress) throw error;
      this.logger.warn(`An answer could not be kept for its ${HEADER}: ${String(error)}`);
      return undefined;
    }
  }

  private repeat({ status, location, body, refused }: KeptAnswer, response: AnsweringResponse): unknown {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Idempotency-Replayed', 'true');
    const value: unknown = body === undefined ? undefined : JSON.parse(body);
    if (refused) throw new HttpException(value as Record<string, unknown>, status);
    if (location !== undefined) httpAdapter.setHeader(response, 'Location', location);
    httpAdapter.status(response, status);
    return value;
  }

  /** @throws {InvalidRequest} when the key is none */
  private identityOf(key: string, request: KeyedRequest): Identity {
    if (!KEY.test(key)) {
      throw new InvalidRequest([{ field: HEADER, rules: [`${HEADER} must be 1 to 255 visible ASCII characters`] }]);
    }
    const { httpAdapter } = this.host;
    const method = String(httpAdapter.getRequestMethod(request));
    const url = String(httpAdapter.getRequestUrl(request));
    const path = pathOf(url);
    const user = userOf(request);
    return {
      id: deterministicId('idempotency-key', user, key),
      fingerprint: requestFingerprint(method, url, request.body),
      commandId: deterministicId('idempotent-request', user, key, method, path),
      path,
    };
  }
}

/** Keys of one user are not those of another. */
function userOf({ user }: KeyedRequest): string {
  const id = user?.id ?? user?.sub ?? user?.userId;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

function keyIsTaken(): UnprocessableEntityException {
  return new UnprocessableEntityException(`This ${HEADER} was used for another request`);
}
