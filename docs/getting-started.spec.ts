import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const page = readFileSync(new URL('./getting-started.md', import.meta.url), 'utf8');
const examples = new URL('./examples/bank/', import.meta.url);

describe('the page on getting started', () => {
  it.each(readdirSync(examples))('shows %s as it is', (file) => {
    const code = readFileSync(new URL(file, examples), 'utf8');
    expect(page).toContain(`<!-- snippet: ${file} -->\n\n\`\`\`ts\n${code}\`\`\``);
  });
});
