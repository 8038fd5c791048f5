import { Command, type DataOf } from '@gesta/core';
import { IsInt, IsPositive } from 'class-validator';
import { IsIdentifier } from '@marketplace/values';

/** Frees the units of a reservation whose time is up: `ReservationExpired`. Where it is not held any more, nothing happens. */
@Command('inventory.expire-reservation')
export class ExpireReservation {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  /** Its number: a later reservation by the same order is left alone. */
  @IsInt() @IsPositive() readonly reservation!: number;

  constructor(fields: DataOf<ExpireReservation>) {
    Object.assign(this, fields);
  }
}
