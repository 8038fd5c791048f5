import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { compileFilter, type Filter } from '@gesta/core';
import { FIELD_OPERATORS } from '../libs/core/src/store/query/operands.js';

const page = readFileSync(new URL('./queries.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/\| `(\{ .* \})` +\|$/gm)].map(([, example]) => example!);

describe('the page on queries', () => {
  it('tells of every operator', () => {
    for (const operator of [...FIELD_OPERATORS, '$not', '$and', '$or', '$nor', '$options']) {
      expect(page).toContain(`\`${operator}\``);
    }
    expect(examples).toHaveLength(page.match(/^\| .* \|$/gm)!.length - 2);
  });

  it.each(examples)('shows a filter that is one: %s', (example) => {
    const filter = new Function(`return (${example});`)() as Filter;
    expect(compileFilter(filter)).toBeInstanceOf(Function);
  });
});
