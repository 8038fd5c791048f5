import type { INestApplication } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { checkBody } from './checked-body.js';
import { jsonReplacer } from './json-replacer.js';
import { messageContext } from './message-context.middleware.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { problemValidationPipe } from './problem-validation-pipe.js';

export interface HttpOptions {
  /** The largest JSON body that is taken, in bytes or as `'1mb'`; 100 kB when absent. What is larger is a 413. */
  bodyLimit?: number | string;
}

/**
 * Sets an application up for HTTP: errors as problem details, validation that lists every violation, correlation of
 * requests with the events they lead to, a limit for bodies, `bigint`s such as positions as decimal texts, and a shutdown
 * in order when the process is told to end. Call it before `app.listen()`.
 *
 * ```ts
 * const app = configureHttp(await NestFactory.create(AppModule));
 * await app.listen(3000);
 * ```
 */
export function configureHttp<A extends INestApplication>(app: A, { bodyLimit = '100kb' }: HttpOptions = {}): A {
  app.use(messageContext);
  const adapter = app.getHttpAdapter();
  if (adapter.getType() === 'express') {
    const { settings, ...express } = expressParts(app);
    express.useBodyParser('json', { limit: bodyLimit });
    if (settings.get('json replacer') === undefined) settings.set('json replacer', jsonReplacer);
    app.use(checkBody);
  }
  app.useGlobalFilters(new ProblemDetailsFilter(app.get(HttpAdapterHost)));
  app.useGlobalPipes(problemValidationPipe());
  app.enableShutdownHooks();
  return app;
}

interface ExpressSettings {
  get(name: string): unknown;
  set(name: string, value: unknown): unknown;
}

/** What Nest's Express application has beyond any application; its types are in a package that may not be there. */
function expressParts(app: INestApplication) {
  const express = app as INestApplication & { useBodyParser(kind: 'json', options: { limit: number | string }): void };
  const settings = app.getHttpAdapter().getInstance() as ExpressSettings;
  return { settings, useBodyParser: express.useBodyParser.bind(express) };
}
