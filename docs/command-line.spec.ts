import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { partsOf } from '../libs/cli/src/application/application-parts.js';
import { checkedConfig } from '../libs/cli/src/configuration/load-config.js';
import { ExitCode } from '../libs/cli/src/exit-code.js';
import { gestaProgram } from '../libs/cli/src/program.js';
import config from './examples/courses/gesta.config.js';

const page = readFileSync(new URL('./command-line.md', import.meta.url), 'utf8');
const example = new URL('./examples/courses/gesta.config.ts', import.meta.url);

const nowhere = new PassThrough();
const program = gestaProgram(() => () => Promise.reject(new Error('is not called')), {
  stdout: nowhere,
  stderr: nowhere,
});
const commands = (of: Command, path: string): [string, Command][] =>
  of.commands.length === 0 ? [[path, of]] : of.commands.flatMap((each) => commands(each, `${path} ${each.name()}`));

describe('the page on the command line', () => {
  it('shows a configuration that is one, importing what was built', () => {
    const built = readFileSync(example, 'utf8').replaceAll("from './", "from './dist/");
    expect(page).toContain(`\`\`\`js\n${built}\`\`\``);
    const { aggregates, projections, processes } = partsOf(checkedConfig(config, 'gesta.config.js'), 'gesta.config.js');
    expect([aggregates.length, projections.length, processes.length]).toEqual([2, 1, 1]);
  });

  it.each(commands(program, 'gesta'))('tells of `%s` with its options', (path, command) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${path}`));
    expect(row).toBeDefined();
    for (const { long } of command.options) {
      if (long !== '--patience') expect(row).toContain(long);
    }
  });

  it.each(Object.values(ExitCode))('tells what exit code %d means', (code) => {
    expect(page).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  });
});
