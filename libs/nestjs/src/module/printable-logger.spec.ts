import { expect, it } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { printableLogger } from './printable-logger.js';

it('shows what would steer a terminal, in messages and in stacks', () => {
  const said: unknown[][] = [];
  const hear = (...all: unknown[]) => void said.push(all);
  const logger = printableLogger({ log: hear, error: hear, warn: hear } satisfies LoggerService);
  logger.error('red \u001b[31m', 'Error: \u009b\n    at here');
  logger.warn('\u202eturned');
  logger.debug?.('heard by nobody');
  expect(said).toEqual([['red \\u001b[31m', 'Error: \\u009b\n    at here'], ['\\u202eturned']]);
});
