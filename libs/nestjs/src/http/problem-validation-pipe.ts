import { ValidationPipe, type ArgumentMetadata, type ValidationPipeOptions } from '@nestjs/common';
import { violationsOf } from '../validation/violations.js';
import { InvalidRequest } from './invalid-request.js';

/**
 * Nest's ValidationPipe, set so that requests become instances of their classes, fields that no rule speaks of are
 * refused, and the 400 lists every violation with its field's path: `lines[0].quantity`.
 * @param options override what is set here
 */
export function problemValidationPipe(options: ValidationPipeOptions = {}): ValidationPipe {
  return new ProblemValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => new InvalidRequest(violationsOf(errors)),
    ...options,
  });
}

/** A `bigint` has no rules and no constructor: pipes such as `ParsePositionPipe` read it. */
class ProblemValidationPipe extends ValidationPipe {
  protected override toValidate(metadata: ArgumentMetadata): boolean {
    return (metadata.metatype as unknown) !== BigInt && super.toValidate(metadata);
  }
}
