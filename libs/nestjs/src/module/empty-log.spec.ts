import { expect, it } from '@jest/globals';
import { memory, MemoryEventStore } from '@gesta/core';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { GestaModule } from './gesta.module.js';

class Lines extends ConsoleLogger {
  readonly lines: string[] = [];
  override log(message: unknown): void {
    this.lines.push(String(message));
  }
}

it.each([
  ['says that a log begins where there is none', 0, 'Events in memory:, an empty log that begins now; documents in'],
  ['says nothing of the kind where there is one', 1, 'Events in memory:; documents in'],
])('an application %s', async (_, events, line) => {
  const store = new MemoryEventStore();
  for (let n = 0; n < events; n++) {
    const said = {
      id: `00000000-0000-4000-8000-00000000000${n}`,
      type: 'talk.said',
      version: 1,
      headers: {},
      data: {},
    };
    await store.append('talk.talk-1', [said], { expected: 'any' });
  }
  const logger = new Lines();
  const imports = [
    GestaModule.forRoot({ adapters: [{ ...memory(), openEventStore: async () => store }], events: 'memory:' }),
  ];
  const app = (await Test.createTestingModule({ imports }).setLogger(logger).compile()).createNestApplication();
  await app.init();
  await app.close();
  Logger.overrideLogger(false);
  expect(logger.lines.join('\n')).toContain(line);
});
