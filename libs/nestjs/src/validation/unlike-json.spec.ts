import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Aggregate, Apply, Command, Event, Handle, event, memory, type JsonShape } from '@gesta/core';
import { AggregateRoot } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Transform, Type } from 'class-transformer';
import { Allow, IsArray, IsDate, IsInstance, IsString, ValidateNested } from 'class-validator';
import { eventSourced } from '../cqrs/event-sourced.js';
import { GestaModule } from '../module/gesta.module.js';
import { unlikeJson } from './unlike-json.js';

class Money {
  @Allow() readonly cents!: number;
  plus(other: Money) {
    return this.cents + other.cents;
  }
}
class Period {
  @IsDate() @Type(() => Date) readonly from!: Date;
}

describe('What is another thing in the log than its class says', () => {
  it('is a field of a class that JSON has no word for', () => {
    class Booked {
      @IsString() readonly id!: string;
      @Allow() readonly at!: Date;
      @Allow() readonly seats!: Map<string, number>;
      @Allow() readonly tags!: Set<string>;
      @Allow() readonly amount!: bigint;
      @Allow() readonly picture!: Buffer;
      @Allow() readonly bytes!: Uint8Array;
      @Allow() readonly pattern!: RegExp;
      @Allow() readonly link!: URL;
    }
    const said = unlikeJson([Booked]);
    expect(said.map((each) => each.split(',')[0])).toEqual([
      'Booked.at is a Date in the class',
      'Booked.seats is a Map in the class',
      'Booked.tags is a Set in the class',
      'Booked.amount is a BigInt in the class',
      'Booked.picture is a Buffer in the class',
      'Booked.bytes is a Uint8Array in the class',
      'Booked.pattern is a RegExp in the class',
      'Booked.link is a URL in the class',
    ]);
    expect(said[0]).toBe(
      'Booked.at is a Date in the class, but in the log and in folds it is a text: declare a string (ISO 8601) and make the Date where you need it',
    );
  });

  it('is no class that was imported as a type only, which tsc notes as a function', () => {
    class Booked {
      @ValidateNested() @Type(() => Object) readonly price!: object;
    }
    Reflect.defineMetadata('design:type', Function, Booked.prototype, 'price');
    expect(unlikeJson([Booked])).toEqual([]);
  });

  it('is told by whatever knows: rules, @Type, @Transform, a parameter property, a parent', () => {
    class Parent {
      @Transform(({ value }) => new Date(value as string)) readonly transformed!: Date;
    }
    @Event('unlike.told')
    class Told extends Parent {
      @IsDate() readonly ruled!: unknown;
      @IsInstance(Map) readonly instance!: unknown;
      @IsArray() @Type(() => Date) readonly dates!: Date[];
      constructor(
        readonly id: string,
        readonly given: Date,
        text: Date,
        readonly made = text.toISOString(),
      ) {
        super();
      }
    }
    expect(unlikeJson([Told]).map((each) => each.split(' ').slice(0, 4).join(' '))).toEqual(
      expect.arrayContaining([
        'Told.ruled is a Date',
        'Told.instance is a Map',
        'Told.dates is a Date',
        'Told.given is a Date',
        'Told.transformed is a Date',
      ]),
    );
    expect(unlikeJson([Told])).toHaveLength(5);
  });

  it('is in what is nested too, with its path, and ends in a circle', () => {
    class Line {
      @ValidateNested() @Type(() => Money) readonly price!: Money;
      @ValidateNested({ each: true }) @Type(() => Period) readonly periods!: Period[];
      @ValidateNested() @Type(() => Line) readonly instead?: Line;
    }
    class Placed {
      @ValidateNested({ each: true }) @Type(() => Line) readonly lines!: Line[];
    }
    expect(unlikeJson([Placed])).toEqual([
      expect.stringMatching(
        /^Placed\.lines\.price has the method plus\(\), .* make it a function that takes the Money$/,
      ),
      expect.stringMatching(/^Placed\.lines\.periods\.from is a Date in the class/),
    ]);
  });

  it('is a method or an accessor of an event, but none of a command, which has its class', () => {
    class Base {
      get total() {
        return 1;
      }
    }
    class Shipped extends Base {
      @IsString() readonly id!: string;
      static of(id: string) {
        return Object.assign(new Shipped(), { id });
      }
    }
    expect(unlikeJson([Shipped])).toEqual([expect.stringMatching(/^Shipped has the accessor total, /)]);
    expect(unlikeJson([], [Shipped])).toEqual([]);
  });

  it('is nothing of JSON, whatever its classes', () => {
    enum Kind {
      one = 'one',
    }
    class Line {
      @IsString() readonly sku!: string;
    }
    class Placed {
      @IsString() readonly id!: string;
      @Allow() readonly kind!: Kind;
      @Allow() readonly total!: number | null;
      @Allow() readonly any!: unknown;
      @Allow() readonly union!: string | Date; // nobody can know
      @ValidateNested({ each: true }) @Type(() => Line) readonly lines!: Line[];
      @ValidateNested() @Type(() => Line) readonly line?: Line;
      @Type(() => Number) readonly count!: number;
    }
    expect(unlikeJson([Placed])).toEqual([]);
  });

  it('lets no application start: of what is folded, and of commands that travel', async () => {
    @Event('unlike.opened')
    class Opened {
      @IsDate() @Type(() => Date) readonly at!: Date;
    }
    @Command('unlike.open')
    class Open {
      readonly id!: string;
      @IsDate() @Type(() => Date) readonly at!: Date;
    }
    /** Stays in its process: it may hold what it likes. */
    class Close {
      readonly id!: string;
      @IsDate() readonly at!: Date;
      in() {
        return this.id;
      }
    }
    @Aggregate({ category: 'unlike.door', id: 'id' })
    class Door {
      at = '';
      @Handle(Open)
      open({ at }: Open) {
        return event(Opened, { at });
      }
      @Handle(Close)
      close() {}
      @Apply(Opened)
      opened({ at }: JsonShape<Opened>) {
        this.at = at;
      }
    }
    const opening = Test.createTestingModule({
      imports: [GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([Door])],
    }).compile();
    await expect(opening).rejects.toThrow(/Opened\.at is a Date.*\n.*Open\.at is a Date/);
    await expect(opening).rejects.not.toThrow('Close');
  });

  it('is not what an AggregateRoot applies: its events have their classes', async () => {
    class HeroRested {
      @Type(() => Date) readonly until: Date;
      constructor(until: Date) {
        this.until = until;
      }
      days() {
        return this.until.getDay();
      }
    }
    class Hero extends AggregateRoot {}
    const hero = eventSourced(Hero, {
      category: 'unlike.hero',
      create: () => new Hero(),
      events: { 'unlike.hero-rested': HeroRested },
    });
    const moduleRef = await Test.createTestingModule({
      imports: [GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([hero])],
    }).compile();
    await moduleRef.close();
  });
});
