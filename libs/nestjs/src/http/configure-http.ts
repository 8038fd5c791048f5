import type { INestApplication } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { limitsFrom, type BodyLimits } from './body-limits.js';
import { checkBodyType, checkIsUtf8 } from './body-type.js';
import { checkBody } from './checked-body.js';
import { jsonReplacer } from './json-replacer.js';
import { messageContext } from './message-context.middleware.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { problemValidationPipe } from './problem-validation-pipe.js';
import { UserIdInterceptor, type UserIdOf } from './user-id.interceptor.js';

export interface HttpOptions extends BodyLimits {
  /** The largest JSON body that is taken, in bytes or as `'1mb'`; 64 kB when absent. What is larger is a 413. */
  bodyLimit?: number | string;
  /**
   * The media types of bodies that the application reads beside `application/json`, such as `multipart/form-data`, with
   * parsers of its own, which are to keep limits of their own; none when absent. Any other body is a 415.
   */
  contentTypes?: readonly string[];
  /**
   * Says who asked, after the application's guards: `userId: ({ user }: AuthenticatedRequest) => user?.id`. Events carry it
   * in their header `userId`, and so does what follows from them; nothing is carried where it says nothing.
   */
  userId?: UserIdOf;
}

/**
 * Sets an application up for HTTP: errors as problem details, validation that lists every violation, correlation of
 * requests with the events they lead to, limits for bodies and what is in them, `bigint`s such as positions as decimal texts, and a shutdown
 * in order when the process is told to end. Call it before `app.listen()`.
 *
 * ```ts
 * const app = configureHttp(await NestFactory.create(AppModule));
 * await app.listen(3000);
 * ```
 * @throws {RangeError} when a limit is no number from 1
 */
export function configureHttp<A extends INestApplication>(app: A, options: HttpOptions = {}): A {
  const { bodyLimit = '64kb', contentTypes = [] } = options;
  const limits = limitsFrom(options);
  app.use(messageContext);
  app.use(checkBodyType(['application/json', ...contentTypes]));
  const adapter = app.getHttpAdapter();
  if (adapter.getType() === 'express') {
    const { settings, ...express } = expressParts(app);
    express.useBodyParser('json', { limit: bodyLimit, verify: checkIsUtf8 });
    if (settings.get('json replacer') === undefined) settings.set('json replacer', jsonReplacer);
    app.use(checkBody(limits));
  }
  app.useGlobalFilters(new ProblemDetailsFilter(app.get(HttpAdapterHost)));
  app.useGlobalPipes(problemValidationPipe());
  if (options.userId) app.useGlobalInterceptors(new UserIdInterceptor(options.userId));
  app.enableShutdownHooks();
  return app;
}

interface JsonParserOptions {
  readonly limit: number | string;
  readonly verify: typeof checkIsUtf8;
}

interface ExpressSettings {
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
}

/** What Nest's Express application has beyond any application; its types are in a package that may not be there. */
function expressParts(app: INestApplication) {
  const express = app as INestApplication & { useBodyParser(kind: 'json', options: JsonParserOptions): void };
  const settings = app.getHttpAdapter().getInstance() as ExpressSettings;
  return { settings, useBodyParser: express.useBodyParser.bind(express) };
}
