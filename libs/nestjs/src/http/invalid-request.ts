import type { Violation } from '@gesta/core';
import { BadRequestException } from '@nestjs/common';

/** The most violations that one answer lists. */
const MOST_LISTED = 1_000;

/** A request that breaks rules: a 400 that lists them all, or the first thousand where there are more. */
export class InvalidRequest extends BadRequestException {
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    const listed = violations.slice(0, MOST_LISTED);
    const count =
      violations.length > listed.length ? `; the first ${listed.length} of ${violations.length} are listed` : '';
    super({ message: `The request breaks ${rulesIn(violations)}${count}`, violations: listed });
    this.violations = listed;
  }
}

function rulesIn(violations: readonly Violation[]): string {
  const rules = violations.reduce((sum, violation) => sum + violation.rules.length, 0);
  return rules === 1 ? 'a rule' : `${rules} rules`;
}
