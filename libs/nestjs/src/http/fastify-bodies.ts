import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { INestApplication } from '@nestjs/common';
import type { BodyRules } from './body-rules.js';
import { checkBodyType, isJson } from './body-type.js';
import { refusalOf } from './checked-body.js';
import { jsonBody } from './json-body.js';
import { sentBody, type ReadBody } from './sent-body.js';

type Done<T> = (error: unknown, value?: T) => void;

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}

/** What there is of Fastify; its types are in a package that may not be there. */
interface FastifyInstance {
  addHook(
    name: 'preParsing',
    hook: (request: FastifyRequest, reply: object, body: Readable, done: Done<ReadBody>) => void,
  ): unknown;
  addHook(name: 'preValidation', hook: (request: FastifyRequest, reply: object, done: Done<void>) => void): unknown;
}

type FastifyApplication = INestApplication & {
  useBodyParser(
    type: string,
    options: { bodyLimit: number },
    parser: (request: object, bytes: Buffer, done: Done<unknown>) => void,
  ): void;
};

/** Has Fastify read no bodies but those that the rules allow, in the encodings that Express reads too. */
export function readFastifyBodies(app: INestApplication, { types, bytes, limits }: BodyRules): void {
  app.use(checkBodyType(types));
  const parse = (_request: object, sent: Buffer, done: Done<unknown>) => done(null, jsonBody(sent));
  (app as FastifyApplication).useBodyParser('application/json', { bodyLimit: bytes }, parse);
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  fastify.addHook('preParsing', ({ raw }, _reply, body, done) => {
    if (!isJson(raw)) return done(null, body);
    let sent: ReadBody;
    try {
      sent = sentBody(raw, body, bytes);
    } catch (error) {
      return done(error);
    }
    done(null, sent);
  });
  fastify.addHook('preValidation', ({ body }, _reply, done) => done(refusalOf(body, limits)));
}
