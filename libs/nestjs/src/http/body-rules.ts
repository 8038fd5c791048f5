import type { IncomingMessage } from 'node:http';
import type { BodyLimits } from './body-limits.js';

/** Which bodies are read. */
export interface BodyRules {
  /** The media types, in small letters. */
  readonly types: readonly string[];
  /** How long a JSON body may be, in bytes, as it is once it is unfolded. */
  readonly bytes: number;
  readonly limits: Required<BodyLimits>;
  /** Those that certain requests send as bytes. */
  readonly raw: readonly RawBodyRule[];
}

/** Bodies that are read as bytes. */
export interface RawBodyRule {
  /** In small letters. */
  readonly types: readonly string[];
  readonly bytes: number;
  readonly of: (request: IncomingMessage) => boolean;
}

/** By which rule the request's body is read as bytes; `undefined` where it is not. */
export function rawRuleOf(request: IncomingMessage, { raw }: BodyRules): RawBodyRule | undefined {
  return raw.find((rule) => rule.of(request));
}
