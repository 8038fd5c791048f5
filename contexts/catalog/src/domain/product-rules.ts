import { IsInt, Length, Matches, Max, Min } from 'class-validator';

export const MAX_NAME = 200;
export const MAX_DESCRIPTION = 5_000;
export const MAX_WEIGHT_GRAMS = 1_000_000;

/** What a product weighs when nobody says, in grams. */
export const DEFAULT_WEIGHT_GRAMS = 500;

/** The field is a product's name: 1 to 200 characters, and not of white space alone. */
export function IsProductName(): PropertyDecorator {
  return (target, field) => {
    const isSeen = Matches(/\S/, { message: '$property must hold more than white space' });
    for (const rule of [Length(1, MAX_NAME), isSeen]) rule(target, field);
  };
}

/** The field is a weight: whole grams, from 1 to a million, which is a ton. */
export function IsWeight(): PropertyDecorator {
  return (target, field) => {
    for (const rule of [IsInt(), Min(1), Max(MAX_WEIGHT_GRAMS)]) rule(target, field);
  };
}
