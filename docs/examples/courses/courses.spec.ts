import { memory, type EventStore } from '@gesta/core';
import { EVENT_STORE, GestaModule } from '@gesta/nestjs';
import { describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../libs/core/test/until.js';
import { OfferCourse, PaySignup, SignUp } from './commands.js';
import { CoursesModule } from './courses.module.js';

const DAY = 24 * 60 * 60 * 1_000;

describe('courses', () => {
  it('give the seat of who did not pay to the next one', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z');
    const gesta = GestaModule.forRoot({ adapters: [memory()], now: () => new Date(time) });
    const app = await (await Test.createTestingModule({ imports: [gesta, CoursesModule] }).compile()).init();
    try {
      const commands = app.get(CommandBus);
      const store = app.get<EventStore>(EVENT_STORE, { strict: false });
      const typesIn = async (stream: string) => {
        const batches = await Array.fromAsync(store.readStream(stream));
        return batches.flat().map(({ type }) => type.replace('courses.', ''));
      };
      const last = (stream: string, type: string) =>
        until(`${stream} ends with ${type}`, async () => (await typesIn(stream)).at(-1) === type);

      await commands.execute(new OfferCourse('latin', 1));
      await commands.execute(new SignUp('ada', 'latin'));
      await last('courses.course-latin', 'seat-taken');

      await commands.execute(new SignUp('bob', 'latin'));
      await last('courses.signup-bob', 'signup-dropped'); // refused: the course is full

      time += 3 * DAY;
      await last('courses.signup-ada', 'signup-dropped'); // the deadline
      await last('courses.course-latin', 'seat-freed');

      await commands.execute(new SignUp('cleo', 'latin'));
      await last('courses.signup-cleo', 'payment-asked');
      await commands.execute(new PaySignup('cleo'));
      expect(await typesIn('courses.signup-cleo')).toEqual(['signed-up', 'payment-asked', 'signup-paid']);
    } finally {
      await app.close();
    }
  });
});
