import { configureHttp, type HttpOptions } from '@gesta/nestjs';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { describeApi } from './api-description.js';
import { endWithParent } from './end-with-parent.js';
import { describesApi, environmentFrom } from './environment.js';
import { inPlainWords } from './start-failure.js';

export interface Service {
  /** What the process calls itself when it says that it is open, such as `ordering-command`. */
  readonly name: string;
  /** Its root module. */
  readonly module: Type;
  /** Where it listens when PORT is not set. */
  readonly defaultPort: number;
  /** What its requests may be beside JSON. */
  readonly http?: Pick<HttpOptions, 'rawBodies'>;
}

/**
 * Runs a Nest application as a service: configured by the environment, its API described at `/docs`, in
 * production (`NODE_ENV`) only where `API_DOCS` is `true`. It prints one line
 * when it is open. Asked to end by SIGINT or SIGTERM, it answers what it has in hand and ends with 0; where it cannot
 * start, it says why in plain words and ends with 1.
 */
export async function runService({ name, module, defaultPort, http }: Service): Promise<void> {
  let app: NestExpressApplication | undefined;
  endWithParent();
  try {
    const { port, host, data } = environmentFrom(process.env, defaultPort);
    app = await NestFactory.create<NestExpressApplication>(module, {
      // What others sign is signed byte for byte.
      rawBody: true,
      // What Nest has to say is kept until it is clear that the service starts; where it does not, that is told below.
      bufferLogs: true,
      autoFlushLogs: false,
      abortOnError: false,
    });
    app.useLogger(['fatal', 'error', 'warn']);
    app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
    configureHttp(app, http);
    app.disable('x-powered-by');
    const isDescribed = describesApi(process.env);
    if (isDescribed) describeApi(app, name);
    await app.listen(port, host);
    app.flushLogs(); // from now on, what it has to say is said at once
    const url = await app.getUrl();
    const described = isDescribed ? `its API is described at ${url}/docs, ` : '';
    console.log(`${name} is open at ${url}, ${described}its data is in ${data}`);
  } catch (error) {
    console.error(inPlainWords(error));
    await app?.close();
    process.exit(1);
  }
}
