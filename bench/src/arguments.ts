import { Command, InvalidArgumentError } from 'commander';
import { ROWS, type Row } from './rows.js';

/** What was asked for on the command line. */
export interface Arguments {
  readonly rows: readonly Row[];
  readonly quick: boolean;
  /** Where the results go as JSON, beside the table. */
  readonly json: string | undefined;
}

interface Options {
  readonly only?: Row[];
  readonly quick?: true;
  readonly tenMillion?: true;
  readonly json?: string;
}

/** Reads the command line. Help, and an argument that is refused, end the process. */
export function readArguments(argv: readonly string[]): Arguments {
  const names = ROWS.map(({ number, name, title }) => `  ${number}  ${name.padEnd(16)} ${title}`).join('\n');
  const program = new Command('bench')
    .usage('[-- options]')
    .description('Measures Gesta on SQLite against the same work coded by hand on the same driver, in the same run.')
    .option('--only <row...>', 'measure these rows only, by number or name', rowNamed)
    .option('--quick', 'smaller numbers, within a minute: a first impression, no result to quote')
    .option('--ten-million', 'measure the cost in a log of ten million events too: takes long, and 10 GB of disk')
    .option('--json <file>', 'write the results to this file as well')
    .addHelpText(
      'after',
      `
Rows:
${names}

Files are made in the system's folder for temporary ones (set TMPDIR for another disk) and removed at the end.
It exits with 0 when everything was measured, whether or not the budgets are met, and with 1 when something failed.

Examples:
  npm run bench
  npm run bench -- --quick --only append handle
  npm run bench -- --json results.json`,
    )
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const { only, quick = false, tenMillion = false, json } = program.opts<Options>();
  const unasked = only?.find(({ long }) => long && !tenMillion);
  if (unasked)
    program.error(`error: row ${unasked.number}, ${unasked.name}, takes long: ask for it with --ten-million`);
  const rows = ROWS.filter((row) => (only ? only.includes(row) : !row.long || tenMillion));
  return { rows, quick, json };
}

function rowNamed(given: string, before: Row[] = []): Row[] {
  const row = ROWS.find(({ number, name }) => given === name || given === String(number));
  if (!row)
    throw new InvalidArgumentError(`The rows are ${ROWS.map(({ number, name }) => `${number} ${name}`).join(', ')}.`);
  return [...before, row];
}
