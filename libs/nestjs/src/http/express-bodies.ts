import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { BodyRules } from './body-rules.js';
import { checkBodyType, isJson } from './body-type.js';
import { refusalOf } from './checked-body.js';
import { checkIsUtf8 } from './json-body.js';

interface RawParserOptions {
  readonly limit: number;
  readonly type: (request: IncomingMessage) => boolean;
}

interface JsonParserOptions {
  readonly limit: number;
  readonly verify: (request: object, response: object, bytes: Buffer) => void;
}

/** What Nest's Express application has beyond any application; its types are in a package that may not be there. */
type ExpressApplication = INestApplication & {
  useBodyParser(...parser: ['json', JsonParserOptions] | ['raw', RawParserOptions]): void;
};

type ReadRequest = IncomingMessage & { readonly body?: unknown; readonly rawBody?: Buffer };

/** Has Express read no bodies but those that the rules allow. */
export function readExpressBodies(app: INestApplication, rules: BodyRules): void {
  const { bytes, limits, raw } = rules;
  app.use(checkBodyType(rules));
  for (const rule of raw) (app as ExpressApplication).useBodyParser('raw', { limit: rule.bytes, type: rule.of });
  const verify = (_request: object, _response: object, sent: Buffer) => checkIsUtf8(sent);
  (app as ExpressApplication).useBodyParser('json', { limit: bytes, verify });
  app.use((request: ReadRequest, _response: ServerResponse, next: (error?: unknown) => void) => {
    // Where the application keeps bodies as they were sent, Nest puts that in the place of what verifies them.
    if (request.rawBody && isJson(request)) checkIsUtf8(request.rawBody);
    next(refusalOf(request.body, limits));
  });
}
