import type { AbstractHttpAdapter } from '@nestjs/core';
import { jsonReplacer } from './json-replacer.js';

type Replacer = (this: unknown, field: string, value: unknown) => unknown;
type Serializer = (payload: unknown, status: number) => string;

interface ExpressSettings {
  get(name: 'json replacer'): unknown;
  set(name: 'json replacer', value: Replacer): unknown;
}

interface FastifySerialization {
  setReplySerializer(serializer: Serializer): unknown;
  readonly [serializer: symbol]: unknown;
}

const adapted = new WeakSet<object>();

/**
 * Has a platform answer `bigint`s, such as positions, as decimal texts. Without it, `JSON.stringify` stops at them when what
 * they tell of has been done already. What the application has set for its answers goes on doing its work.
 */
export function answerBigintsAsTexts(adapter: Pick<AbstractHttpAdapter, 'getType' | 'getInstance'>): void {
  const platform = adapter.getInstance() as object;
  if (adapted.has(platform)) return;
  adapted.add(platform);
  if (adapter.getType() === 'express') adaptExpress(platform as ExpressSettings);
  if (adapter.getType() === 'fastify') adaptFastify(platform as FastifySerialization);
}

function adaptExpress(settings: ExpressSettings): void {
  const own = settings.get('json replacer');
  // A list names the fields that are answered; those of `bigint`s are theirs to leave out.
  if (Array.isArray(own)) settings.set('json replacer', listed(own.map(String)));
  else settings.set('json replacer', typeof own === 'function' ? after(own as Replacer) : jsonReplacer);
}

function after(own: Replacer): Replacer {
  return function (field, value) {
    return jsonReplacer(field, own.call(this, field, value));
  };
}

function listed(fields: readonly string[]): Replacer {
  return function (field, value) {
    const isKept = field === '' || Array.isArray(this) || fields.includes(field);
    return isKept ? jsonReplacer(field, value) : undefined;
  };
}

function adaptFastify(fastify: FastifySerialization): void {
  // Fastify tells nobody which serializer it has; it keeps it under a symbol of this description.
  const symbol = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.replySerializerDefault',
  );
  const own = symbol && (fastify[symbol] as Serializer | null);
  fastify.setReplySerializer(
    own ? (payload, status) => own(withTexts(payload), status) : (payload) => JSON.stringify(payload, jsonReplacer),
  );
}

/** The same value where it holds no `bigint`, else a copy as JSON has it. */
function withTexts(payload: unknown): unknown {
  let holdsBigint = false;
  const json = JSON.stringify(payload, (field, value: unknown) => {
    holdsBigint ||= typeof value === 'bigint';
    return jsonReplacer(field, value);
  });
  return holdsBigint ? (JSON.parse(json) as unknown) : payload;
}
