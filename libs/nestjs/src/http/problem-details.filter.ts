import { currentMessage } from '@gesta/core';
import { Catch, IntrinsicException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { OnceASecond } from '../module/once-a-second.js';
import { printableLogger } from '../module/printable-logger.js';
import { problemOf, type Problem } from './problem-details.js';
import { pathOf } from './request-path.js';

/**
 * Answers every error with `application/problem+json` (RFC 9457): broken rules are a 400 that lists the violations, a
 * domain's refusal is a 409 with its name, a store or a read model that is not there yet is a 503 with `Retry-After`.
 * What nobody foresaw is a 500 that shows nothing of the inside; the log has it with its stack.
 *
 * `configureHttp(app)` sets it up; alone it is `app.useGlobalFilters(new ProblemDetailsFilter(app.get(HttpAdapterHost)))`
 * or a provider under `APP_FILTER`.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = printableLogger(new Logger(ProblemDetailsFilter.name));
  private readonly seldom = new OnceASecond();

  /** The applications that have thought of how errors are answered. */
  private static readonly known = new WeakSet<HttpAdapterHost>();

  constructor(private readonly host: HttpAdapterHost) {
    ProblemDetailsFilter.known.add(host);
  }

  /** Notes that an application answers errors in its own way. */
  static notWanted(host: HttpAdapterHost): void {
    this.known.add(host);
  }

  /** Whether nobody has made one for the application, nor said that none is wanted. */
  static isMissing(host: HttpAdapterHost): boolean {
    return !this.known.has(host);
  }

  catch(error: unknown, context: ArgumentsHost): void {
    if (context.getType() !== 'http') throw error;
    const { httpAdapter } = this.host;
    const request: unknown = context.switchToHttp().getRequest();
    const response: unknown = context.switchToHttp().getResponse();
    const path = pathOf(String(httpAdapter.getRequestUrl(request)));
    const problem = problemOf(error, path);
    this.log(error, problem, `${httpAdapter.getRequestMethod(request)} ${path}`);

    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json');
    if (problem.retryAfter !== undefined) httpAdapter.setHeader(response, 'Retry-After', String(problem.retryAfter));
    httpAdapter.reply(response, problem.details, problem.details.status);
  }

  private log(error: unknown, { details, foreseen }: Problem, request: string): void {
    if (details.status < 500 || error instanceof IntrinsicException) return;
    const correlationId = currentMessage()?.headers?.correlationId;
    const about = `${request} ended with ${details.status}${correlationId ? ` (correlation ${correlationId})` : ''}`;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (foreseen) this.seldom.write(kindOf(error), `${about}: ${reason}`, (line) => this.logger.warn(line));
    else this.logger.error(`${about}: ${reason}`, error instanceof Error ? error.stack : undefined);
  }
}

/** Errors of one class are of one kind: a store that is away, a read model that is behind. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : 'other';
}
