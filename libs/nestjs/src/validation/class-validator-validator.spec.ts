import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ValidationFailed, type Violation } from '@gesta/core';
import { Type } from 'class-transformer';
import {
  IsDate,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  MinLength,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { classValidatorValidator } from './class-validator-validator.js';

class Line {
  @IsString() @MinLength(3) readonly sku!: string;
  @IsInt() @IsPositive() readonly quantity!: number;
}
class Address {
  @IsString() readonly city!: string;
}
class Placed {
  @IsString() readonly orderId!: string;
  @ValidateNested({ each: true }) @Type(() => Line) readonly lines!: Line[];
  @IsOptional() @ValidateNested() @Type(() => Address) readonly address?: Address;
}

const validate = classValidatorValidator();

async function violationsOf(schema: new () => object, data: object): Promise<readonly Violation[]> {
  try {
    await validate(schema, data);
    return [];
  } catch (error) {
    if (error instanceof ValidationFailed) return error.violations;
    throw error;
  }
}

describe('classValidatorValidator', () => {
  it('lets through what keeps the rules, and fields that no rule speaks of', async () => {
    const data = {
      orderId: '1',
      lines: [{ sku: 'abc', quantity: 1 }],
      note: 'thanks',
      address: { city: 'Bern', zip: 3000 },
    };
    expect(await violationsOf(Placed, data)).toEqual([]);
  });

  it('lists every rule that is broken, with the path of the field', async () => {
    const data = {
      lines: [
        { sku: 'abc', quantity: 1 },
        { sku: 'a', quantity: -0.5 },
      ],
      address: {},
    };
    expect(await violationsOf(Placed, data)).toEqual([
      { field: 'orderId', rules: ['orderId must be a string'] },
      { field: 'lines[1].sku', rules: ['sku must be longer than or equal to 3 characters'] },
      {
        field: 'lines[1].quantity',
        rules: ['quantity must be a positive number', 'quantity must be an integer number'],
      },
      { field: 'address.city', rules: ['city must be a string'] },
    ]);
  });

  it('refuses what should be nested and is not', async () => {
    expect(await violationsOf(Placed, { orderId: '1', lines: ['abc'], address: 'Bern' })).toEqual([
      { field: 'lines[0]', rules: ['each value in nested property lines must be either object or array'] },
      { field: 'address', rules: ['nested property address must be either object or array'] },
    ]);
  });

  it('leaves classes without rules alone', () => {
    class Anything {
      constructor() {
        throw new Error('Nobody makes one of these');
      }
    }
    expect(validate(Anything, { at: 'all' })).toBeUndefined();
  });

  it('calls no constructors, so that their defaults hide nothing', async () => {
    class WithDefault {
      @IsString() readonly name: string;
      constructor({ name }: { name: string }) {
        this.name = name;
      }
    }
    await expect(validate(WithDefault as never, {})).rejects.toThrow('name must be a string');
  });

  it('knows inherited rules', async () => {
    class Base {
      @IsString() readonly id!: string;
    }
    class Derived extends Base {}
    expect(await violationsOf(Derived, {})).toHaveLength(1);
  });

  it('reads dates where @Type says so, and leaves values alone that have their class already', async () => {
    class Money {
      constructor(readonly amount: number) {
        if (!(amount >= 0)) throw new RangeError('no such amount');
      }
    }
    class Paid {
      @IsDate() @Type(() => Date) readonly at!: Date;
      readonly sum!: Money;
    }
    expect(await violationsOf(Paid, { at: '2026-11-20T08:00:00Z', sum: new Money(3) })).toEqual([]);
    expect(await violationsOf(Paid, { at: 'tomorrow', sum: new Money(3) })).toHaveLength(1);
  });

  it('chooses nested classes by their discriminator', async () => {
    abstract class Payment {
      readonly kind!: string;
    }
    class Card extends Payment {
      @IsString() readonly number!: string;
    }
    class Cash extends Payment {}
    class Paid {
      @ValidateNested()
      @Type(() => Cash, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { name: 'card', value: Card },
            { name: 'cash', value: Cash },
          ],
        },
      })
      readonly by!: Payment;
    }
    expect(await violationsOf(Paid, { by: { kind: 'card' } })).toEqual([
      { field: 'by.number', rules: ['number must be a string'] },
    ]);
    expect(await violationsOf(Paid, { by: { kind: 'cash' } })).toEqual([]);
  });

  it('asks class-transformer about one class however often, since that remembers each for ever', async () => {
    const asked = new Set<unknown>();
    class Noted {
      @IsDate()
      @Type((how) => {
        asked.add(how?.newObject.constructor);
        return Date;
      })
      readonly at!: Date;
    }
    for (let n = 0; n < 5; n++) expect(await violationsOf(Noted, { at: '2026-11-20T08:00:00Z' })).toEqual([]);
    expect(asked.size).toBe(1);
  });

  it('does not ask what could be made of a text that has to be one', async () => {
    let asked = 0;
    const text = () => {
      asked++;
      return String;
    };
    class Named {
      @IsString() @Type(text) readonly name!: string;
      @IsOptional() @MinLength(2) @Type(text) readonly note?: string;
    }
    expect(await violationsOf(Named, { name: 'Ada', note: 'hi' })).toEqual([]);
    expect(asked).toBe(0);
  });

  it('waits for rules that take their time', async () => {
    @ValidatorConstraint({ async: true })
    class Unused implements ValidatorConstraintInterface {
      async validate(name: string) {
        return name !== 'taken';
      }
      defaultMessage() {
        return 'name is taken';
      }
    }
    class Register {
      @Validate(Unused) readonly name!: string;
    }
    expect(await violationsOf(Register, { name: 'free' })).toEqual([]);
    expect(await violationsOf(Register, { name: 'taken' })).toEqual([{ field: 'name', rules: ['name is taken'] }]);
  });

  it('is not led astray by fields that mean something to JavaScript', async () => {
    const data: object = JSON.parse(
      '{"orderId":"1","lines":[{"__proto__":{"quantity":1},"sku":"abc","constructor":1}],"__proto__":{"orderId":1}}',
    );
    expect(await violationsOf(Placed, data)).toEqual([
      {
        field: 'lines[0].quantity',
        rules: ['quantity must be a positive number', 'quantity must be an integer number'],
      },
    ]);
  });
});
