import { IsInt, IsISO4217CurrencyCode, IsUppercase, Max, Min } from 'class-validator';

/** An amount in the currency's smallest unit: `{ amount: 1999, currency: 'EUR' }` is € 19.99. */
export class Money {
  @IsInt() @Min(0) @Max(Number.MAX_SAFE_INTEGER) readonly amount!: number;
  /** By ISO 4217. */
  @IsISO4217CurrencyCode() @IsUppercase() readonly currency!: string;
}
