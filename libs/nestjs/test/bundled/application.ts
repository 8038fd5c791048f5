import 'reflect-metadata';
import { Aggregate, Apply, Command, Event, event, Handle, memory, Projection, Project } from '@gesta/core';
import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { Type } from 'class-transformer';
import { IsPositive, IsString, ValidateNested } from 'class-validator';

class Part {
  @IsPositive() readonly weight!: number;
}
class Line {
  @IsPositive() readonly quantity!: number;
  @ValidateNested({ each: true }) @Type(() => Part) readonly parts!: Part[];
}
@Event('bundled.placed')
class Placed {
  @ValidateNested({ each: true }) @Type(() => Line) readonly lines!: Line[];
}
@Command('bundled.place')
class Place {
  @IsString() readonly id!: string;
  @ValidateNested() @Type(() => Line) readonly line!: Line;
  constructor(fields: Place) {
    Object.assign(this, fields);
  }
}
/** Has no rules, so that it is the event's that refuse. */
class PlaceUnchecked {
  readonly id!: string;
  readonly line!: Line;
  constructor(fields: PlaceUnchecked) {
    Object.assign(this, fields);
  }
}

@Aggregate({ category: 'bundled.order', id: 'id' })
class Order {
  private placed = 0;
  @Handle(Place)
  place({ line }: Place) {
    return event(Placed, { lines: [line] });
  }
  @Handle(PlaceUnchecked)
  placeUnchecked({ line }: PlaceUnchecked) {
    return event(Placed, { lines: [line] });
  }
  @Apply(Placed)
  wasPlaced() {
    this.placed += 1;
  }
}

@Projection({ name: 'bundled-orders' })
class Orders {
  @Project(Placed)
  placed({ lines }: Placed) {
    return { lines: lines.length };
  }
}

@Module({
  imports: [
    GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' }),
    GestaModule.forFeature([Order]),
  ],
  providers: [Orders],
})
class AppModule {}

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  const line = (quantity: number, weight: number): Line => ({ quantity, parts: [{ weight }] });
  for (const command of [
    new Place({ id: '1', line: line(1, 1) }),
    new Place({ id: '2', line: line(1, -1) }),
    new PlaceUnchecked({ id: '3', line: line(-1, -1) }),
  ]) {
    const said = await app
      .get(CommandBus)
      .execute(command)
      .then(
        () => 'taken',
        ({ name, violations = [] }: Error & { violations?: { field: string }[] }) =>
          `${name}: ${violations.map(({ field }) => field).join(', ')}`,
      );
    console.log(said);
  }
  await app.close();
}

main().catch((error: Error) => {
  console.log(`no start: ${error.name}: ${error.message}`);
  process.exitCode = 1;
});
