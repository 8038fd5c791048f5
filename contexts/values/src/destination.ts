import { IsISO31661Alpha2, IsUppercase, Matches } from 'class-validator';

/**
 * Where goods go, as far as taxes, rates and warehouses ask: a country and a postal code. Name and street are a person's,
 * and not here.
 */
export class Destination {
  /** By ISO 3166-1, two letters. */
  @IsISO31661Alpha2() @IsUppercase() readonly country!: string;
  @Matches(/^[A-Za-z0-9][A-Za-z0-9 -]{0,15}$/, {
    message: '$property must be 1 to 16 letters, digits, spaces or dashes and begin with a letter or digit',
  })
  readonly postalCode!: string;
}

/** Where goods go when nobody says: Berlin. */
export const DEFAULT_DESTINATION: Destination = { country: 'DE', postalCode: '10115' };
