import type { Server } from 'node:http';
import { Gesta } from '@gesta/core';
import type { INestApplication, ValidationPipeOptions } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { answerBigintsAsTexts } from './bigints-as-texts.js';
import { limitsFrom } from './body-limits.js';
import type { BodyRules } from './body-rules.js';
import { bytesFrom } from './byte-count.js';
import { readExpressBodies } from './express-bodies.js';
import { readFastifyBodies } from './fastify-bodies.js';
import { FloodGate } from './flood-gate.js';
import type { HttpOptions } from './http-options.js';
import { messageContext } from './message-context.middleware.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { problemValidationPipe } from './problem-validation-pipe.js';
import { UserIdInterceptor } from './user-id.interceptor.js';

const UNKNOWN_FIELDS: Readonly<Record<NonNullable<HttpOptions['unknownFields']>, ValidationPipeOptions>> = {
  refuse: {},
  drop: { forbidNonWhitelisted: false },
  keep: { forbidNonWhitelisted: false, whitelist: false },
};

interface ExpressSettings {
  disable(setting: string): void;
}

/**
 * Sets an application on Express or Fastify up for HTTP: errors as problem details, validation that lists every violation,
 * correlation of requests with the events they lead to, limits for bodies and what is in them, a time within which a
 * request has to come in, no header that tells what the application is made of, and a shutdown in order when the process
 * is told to end. Call it before `app.listen()`.
 *
 * ```ts
 * const app = configureHttp(await NestFactory.create(AppModule));
 * await app.listen(3000);
 * ```
 * @throws {RangeError} when a limit is no number from 1, or `unknownFields` none of its three
 */
export function configureHttp<A extends INestApplication>(app: A, options: HttpOptions = {}): A {
  const rules = bodyRules(options);
  const { unknownFields = 'refuse', userId } = options;
  if (!Object.hasOwn(UNKNOWN_FIELDS, unknownFields)) {
    const known = Object.keys(UNKNOWN_FIELDS).join("', '");
    throw new RangeError(`unknownFields of configureHttp must be one of '${known}', not '${String(unknownFields)}'`);
  }
  const adapter = app.getHttpAdapter();
  const isExpress = adapter.getType() === 'express';
  limitTime(adapter.getHttpServer() as Server, options.requestTimeoutMs ?? 30_000);
  answerBigintsAsTexts(adapter);
  if (isExpress) (adapter.getInstance() as ExpressSettings).disable('x-powered-by');
  if (options.correlation !== false) app.use(messageContext);
  holdFloods(app, options.maxBacklogMs ?? 30_000);
  if (options.bodies !== false) {
    if (isExpress) readExpressBodies(app, rules);
    else readFastifyBodies(app, rules);
  }
  const host = app.get(HttpAdapterHost);
  if (options.problems === false) ProblemDetailsFilter.notWanted(host);
  else app.useGlobalFilters(new ProblemDetailsFilter(host));
  if (options.validation !== false) app.useGlobalPipes(problemValidationPipe(UNKNOWN_FIELDS[unknownFields]));
  if (userId) app.useGlobalInterceptors(new UserIdInterceptor(userId));
  if (options.shutdownHooks !== false) app.enableShutdownHooks();
  return app;
}

function bodyRules(options: HttpOptions): BodyRules {
  const { bodyLimit = '64kb', contentTypes = [], rawBodies = [] } = options;
  return {
    types: ['application/json', ...contentTypes.map((type) => type.toLowerCase())],
    bytes: bytesFrom(bodyLimit, 'bodyLimit of configureHttp'),
    limits: limitsFrom(options),
    raw: rawBodies.map(({ types, limit, of }) => ({
      types: types.map((type) => type.toLowerCase()),
      bytes: bytesFrom(limit, 'the limit of rawBodies of configureHttp'),
      of,
    })),
  };
}

function holdFloods(app: INestApplication, ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`maxBacklogMs of configureHttp must be a number from 0, not ${String(ms)}`);
  if (ms === 0) return;
  // An application may be set up for HTTP in the same way that has no events.
  const gesta = gestaOf(app);
  if (gesta) app.use(new FloodGate(gesta, ms).middleware);
}

function gestaOf(app: INestApplication): Gesta | undefined {
  try {
    return app.get(Gesta, { strict: false });
  } catch {
    return undefined;
  }
}

/** Who sends a body a byte at a time holds a connection: Node's own patience is five minutes, Fastify's has no end. */
function limitTime(server: Server, ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`requestTimeoutMs of configureHttp must be a number from 0, not ${String(ms)}`);
  server.requestTimeout = ms;
  if (ms > 0) server.headersTimeout = Math.min(server.headersTimeout, ms);
}
