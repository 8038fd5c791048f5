import 'reflect-metadata';
import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { Aggregate, Command, Event, Handle, event, memory } from '@gesta/core';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { IsPositive, IsString, ValidateNested } from 'class-validator';
import { GestaModule } from '../module/gesta.module.js';
import { classValidatorValidator } from './class-validator-validator.js';
import { unseenRules } from './unseen-rules.js';

const require = createRequire(import.meta.url);

/** As in a bundle that has the package twice: `@Type` of a copy that nobody else asks. */
function typeOfAnotherCopy(): typeof Type {
  let other: { Type: typeof Type } | undefined;
  jest.isolateModules(() => {
    other = require('class-transformer') as { Type: typeof Type };
  });
  expect(other!.Type).not.toBe(Type);
  return other!.Type;
}

class Line {
  @IsPositive() readonly quantity!: number;
}

describe('Rules that nobody would see', () => {
  it('are told where class-transformer is there twice', () => {
    const OtherType = typeOfAnotherCopy();
    class Booked {
      @ValidateNested({ each: true }) @OtherType(() => Line) readonly lines!: Line[];
    }
    expect(unseenRules([Booked])).toEqual([
      expect.stringMatching(
        /^Booked\.lines has @ValidateNested, but class-transformer knows no class for it.*two copies of class-transformer/,
      ),
    ]);
  });

  it('are told where @Type was forgotten, in what is nested and in a parent too', () => {
    class Base {
      @ValidateNested({ each: true }) readonly lines!: Line[];
    }
    class Outer extends Base {
      @ValidateNested() @Type(() => Base) readonly base!: Base;
    }
    class Placed {
      @ValidateNested({ each: true }) @Type(() => Outer) readonly outer!: Outer[];
    }
    expect(unseenRules([Placed]).map((said) => said.split(' ')[0])).toEqual(['Outer.lines', 'Base.lines']);
  });

  it('are none where the classes are known, though they be their own', async () => {
    class Tree {
      @IsString() readonly name!: string;
      @ValidateNested({ each: true }) @Type(() => Tree) readonly branches!: Tree[];
    }
    class Declared {
      @ValidateNested() readonly line!: Line;
    }
    expect(unseenRules([Tree, Declared])).toEqual([]);
    const validate = classValidatorValidator();
    const branches = [{ name: 'b', branches: [{ name: 1 }] }];
    await expect(validate(Tree, { name: 'a', branches })).rejects.toThrow('branches[0].branches[0].name: name must be');
    await expect(validate(Declared, { line: { quantity: -1 } })).rejects.toThrow('line.quantity');
  });

  it('are told where no instance of what is nested can be made', async () => {
    class Amount {
      @IsPositive() readonly cents: number;
      constructor({ cents }: { cents: number }) {
        this.cents = cents;
      }
    }
    class Paid {
      @ValidateNested({ each: true }) @Type(() => Amount) readonly sums!: Amount[];
    }
    class PaidAtOnce {
      @ValidateNested() @Type(() => Amount) readonly sum!: Amount;
    }
    const validate = classValidatorValidator();
    await expect(validate(Paid, { sums: [{ cents: -1 }] })).rejects.toThrow(
      'What @Type or @Transform says of Paid.sums',
    );
    // TypeScript has noted which class it is.
    await expect(validate(PaidAtOnce, { sum: { cents: -1 } })).rejects.toThrow('sum.cents: cents must be');
    await expect(validate(PaidAtOnce, { sum: new Amount({ cents: 1 }) })).resolves.toBeUndefined();
    expect(unseenRules([Paid, PaidAtOnce])).toEqual([
      expect.stringMatching(/^What @Type .* says of Paid\.sums fails: /),
    ]);
  });

  it('let no application start, of its events or its commands', async () => {
    const OtherType = typeOfAnotherCopy();
    @Event('rules.booked')
    class Booked {
      @ValidateNested({ each: true }) @OtherType(() => Line) readonly lines!: Line[];
    }
    @Command('rules.book')
    class Book {
      readonly id!: string;
      @ValidateNested({ each: true }) @OtherType(() => Line) readonly lines!: Line[];
    }
    @Aggregate({ category: 'rules.booking', id: 'id', events: [Booked] })
    class Booking {
      @Handle(Book)
      book({ lines }: Book) {
        return event(Booked, { lines });
      }
    }
    const opened = (validate?: () => void) =>
      Test.createTestingModule({
        imports: [GestaModule.forRoot({ adapters: [memory()], validate }), GestaModule.forFeature([Booking])],
      }).compile();
    await expect(opened()).rejects.toThrow(/Book\.lines has @ValidateNested[^]*\n.*Booked\.lines has @ValidateNested/);
    // An application that checks in its own way knows how.
    await (await opened(() => undefined)).close();
  });
});
