import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { Money } from './money.js';

/** The field is an amount of money. */
export function IsMoney(): PropertyDecorator {
  return (target, field) => {
    for (const rule of [IsObject(), ValidateNested(), Type(() => Money)]) rule(target, field);
  };
}
