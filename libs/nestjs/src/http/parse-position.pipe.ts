import { Injectable, Optional, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { InvalidRequest } from './invalid-request.js';

/** The greatest position that a store can have. */
const GREATEST = 2n ** 63n - 1n;

/**
 * Reads a position, a decimal number of any length that a `number` could not hold: `@Query('after', ParsePositionPipe)
 * after: bigint`. With `new ParsePositionPipe({ optional: true })` it may be absent. Anything else is a 400.
 */
@Injectable()
export class ParsePositionPipe implements PipeTransform {
  private readonly optional: boolean;

  constructor(@Optional() options?: { optional?: boolean }) {
    this.optional = options?.optional ?? false;
  }

  transform(value: unknown, { data = 'position' }: ArgumentMetadata): bigint | undefined {
    if (value === undefined && this.optional) return undefined;
    if (typeof value === 'string' && /^\d{1,19}$/.test(value)) {
      const position = BigInt(value);
      if (position <= GREATEST) return position;
    }
    throw new InvalidRequest([{ field: data, rules: [`${data} must be a position: a whole number from 0`] }]);
  }
}
