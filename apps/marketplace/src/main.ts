import 'reflect-metadata';
import { configureHttp } from '@gesta/nestjs';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { describeApi } from './api-description.js';
import { endWithNpm } from './end-with-npm.js';
import { environmentFrom } from './environment.js';
import { MarketplaceModule } from './marketplace.module.js';
import { inPlainWords } from './start-failure.js';

let app: NestExpressApplication | undefined;
try {
  const { port, host, data } = environmentFrom(process.env);
  app = await NestFactory.create<NestExpressApplication>(MarketplaceModule, {
    // What Nest has to say is kept until it is clear that the marketplace starts; where it does not, that is told below.
    bufferLogs: true,
    autoFlushLogs: false,
    abortOnError: false,
  });
  app.useLogger(['fatal', 'error', 'warn']);
  // Asked to end, it answers what it has in hand and ends with 0.
  app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
  endWithNpm();
  configureHttp(app);
  describeApi(app);
  await app.listen(port, host);
  const url = await app.getUrl();
  console.log(`The marketplace is open at ${url}, its API is described at ${url}/docs, its data is in ${data}`);
} catch (error) {
  console.error(inPlainWords(error));
  await app?.close();
  process.exit(1);
}
