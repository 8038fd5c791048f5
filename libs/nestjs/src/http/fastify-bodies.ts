import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { INestApplication } from '@nestjs/common';
import { rawRuleOf, type BodyRules } from './body-rules.js';
import { checkBodyType, isJson } from './body-type.js';
import { refusalOf } from './checked-body.js';
import { jsonBody } from './json-body.js';
import { RefusedBody } from './refused-body.js';
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
    parser: (request: FastifyRequest, bytes: Buffer, done: Done<unknown>) => void,
  ): void;
};

/** Has Fastify read no bodies but those that the rules allow, in the encodings that Express reads too. */
export function readFastifyBodies(app: INestApplication, rules: BodyRules): void {
  const { bytes, limits } = rules;
  app.use(checkBodyType(rules));
  readBytes(app as FastifyApplication, rules);
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

/** Fastify knows a parser by the type alone: how much is taken is the request's rule. */
function readBytes(app: FastifyApplication, rules: BodyRules): void {
  const bodyLimit = Math.max(0, ...rules.raw.map(({ bytes }) => bytes));
  for (const type of new Set(rules.raw.flatMap(({ types }) => types))) {
    app.useBodyParser(type, { bodyLimit }, ({ raw }, sent, done) => {
      const most = rawRuleOf(raw, rules)?.bytes ?? 0;
      if (sent.length <= most) return done(null, sent);
      done(new RefusedBody(413, `The body is longer than ${most} bytes`, 'bodyLimit', most));
    });
  }
}
