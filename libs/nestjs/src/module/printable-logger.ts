import { printable } from '@gesta/core';
import type { LoggerService } from '@nestjs/common';

/** Hands on what is said with nothing in it that steers a terminal: errors and events may hold what anybody has sent. */
export function printableLogger(logger: LoggerService): LoggerService {
  const shown = (said: unknown) => (typeof said === 'string' ? printable(said) : said);
  const handOn =
    (level: 'log' | 'error' | 'warn' | 'debug') =>
    (...said: readonly unknown[]) => {
      const [message, ...rest] = said.map(shown);
      logger[level]?.(message, ...rest);
    };
  return { log: handOn('log'), error: handOn('error'), warn: handOn('warn'), debug: handOn('debug') };
}
