import type { BodyLimits } from './body-limits.js';

/** Which bodies are read. */
export interface BodyRules {
  /** The media types, in small letters. */
  readonly types: readonly string[];
  /** How long a JSON body may be, in bytes, as it is once it is unfolded. */
  readonly bytes: number;
  readonly limits: Required<BodyLimits>;
}
