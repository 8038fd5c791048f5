import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { declaring } from './mistakes/declaring.js';
import { pageOf } from './mistakes/page.js';
import { running } from './mistakes/running.js';
import { starting } from './mistakes/starting.js';

const chapters = [declaring, starting, running];
const page = new URL('./mistakes.md', import.meta.url);
const said = new Map<string, string>();

describe('a mistake is told', () => {
  it.each(chapters.flatMap(({ mistakes }) => mistakes.map(({ what, does }) => [what, does] as const)))(
    '%s',
    async (what, does) => {
      const error = await (async () => does())().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      const { name, message } = error as Error;
      said.set(what, `${name}: ${message}`);
    },
  );

  it('as the page says it, which npm run docs:mistakes writes', () => {
    const made = pageOf(chapters, said);
    if (process.env.WRITE_MISTAKES) writeFileSync(page, made);
    expect(readFileSync(page, 'utf8')).toBe(made);
  });
});
