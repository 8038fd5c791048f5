import type { Class } from './class.js';

/** One field that broke its rules. */
export interface Violation {
  /** The path of the field, such as `lines[0].quantity`. */
  readonly field: string;
  /** What the rules say, in words: `quantity must be a positive number`. */
  readonly rules: readonly string[];
}

/** A command or an event does not keep its class's rules. Lists every violation. Nothing was appended. */
export class ValidationFailed extends Error {
  override readonly name = 'ValidationFailed';
  constructor(
    readonly subject: string,
    readonly violations: readonly Violation[],
  ) {
    super(
      `${subject} is not valid: ${violations.map(({ field, rules }) => `${field}: ${rules.join(', ')}`).join('; ')}`,
    );
  }
}

/**
 * Checks data against the rules of its class.
 * @throws {ValidationFailed} with every violation
 */
export type Validator = (schema: Class, data: object) => void | Promise<void>;
