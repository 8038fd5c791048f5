import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('./process-managers.md', import.meta.url), 'utf8');
const examples = new URL('./examples/courses/', import.meta.url);
const shown = [...page.matchAll(/<!-- snippet: (\S+) -->/g)].map(([, file]) => file!);

describe('the page on process managers', () => {
  it('shows the process manager and its test', () => {
    expect(shown).toEqual(expect.arrayContaining(['seat-for-signup.process.ts', 'seat-for-signup.spec.ts']));
    expect(page.match(/```ts\n/g)).toHaveLength(shown.length);
  });

  it.each(shown)('shows %s as it is', (file) => {
    const code = readFileSync(new URL(file, examples), 'utf8');
    expect(page).toContain(`<!-- snippet: ${file} -->\n\n\`\`\`ts\n${code}\`\`\``);
  });
});
