import { IsInt, Max, Min } from 'class-validator';

/** The most units that one receipt, one line or one reservation can be for. */
export const MAX_QUANTITY = 1_000_000;

/** The field is a number of units: whole, from 1 to a million. */
export function IsQuantity(): PropertyDecorator {
  return (target, field) => {
    for (const rule of [IsInt(), Min(1), Max(MAX_QUANTITY)]) rule(target, field);
  };
}
