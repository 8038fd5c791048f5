import { Command, InvalidArgumentError } from 'commander';
import { ROWS, type Row } from './rows.js';

/** What was asked for on the command line. */
export interface Arguments {
  readonly rows: readonly Row[];
  readonly quick: boolean;
  /** Where the results go as JSON, beside the table. */
  readonly json: string | undefined;
  /** Where a chart of them goes, as SVG. */
  readonly chart: string | undefined;
  /** The JSON of a run before, to be shown instead of measuring. */
  readonly from: string | undefined;
}

interface Options extends Partial<Pick<Arguments, 'json' | 'chart' | 'from'>> {
  readonly only?: Row[];
  readonly quick?: true;
  readonly tenMillion?: true;
  readonly peers?: true;
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
    .option('--peers', 'do some of it by libraries of the same kind as well; installs them the first time')
    .option('--json <file>', 'write the results to this file as well')
    .option('--chart <file>', 'draw them into this SVG file as well')
    .option('--from <file>', 'measure nothing: show, and draw, what a run before wrote with --json')
    .addHelpText(
      'after',
      `
Rows:
${names}

Files are made in the system's folder for temporary ones (set TMPDIR for another disk) and removed at the end.
Rows 10 to 14 start local servers, or use those that GESTA_TEST_EVENTSTOREDB_URL and GESTA_TEST_MONGODB_URL name: orders
stay in the former, which is best empty before, and nothing in the latter.
It exits with 0 when everything was measured, whether or not the budgets are met, and with 1 when something failed.

Examples:
  npm run bench
  npm run bench -- --quick --only append handle
  npm run bench -- --json results.json
  npm run bench -- --from results.json --chart results.svg`,
    )
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const { only, quick = false, json, chart, from, ...options } = program.opts<Options>();
  const unasked = only?.find(({ option }) => option && !options[option]);
  if (unasked) program.error(`error: row ${unasked.number}, ${unasked.name}, takes long: ask for it by its option too`);
  const rows = ROWS.filter((row) => {
    if (row.option) return options[row.option];
    return only ? only.includes(row) : !(quick && row.leftOutWhenQuick);
  });
  return { rows, quick, json, chart, from };
}

function rowNamed(given: string, before: Row[] = []): Row[] {
  const row = ROWS.find(({ number, name }) => given === name || given === String(number));
  if (!row)
    throw new InvalidArgumentError(`The rows are ${ROWS.map(({ number, name }) => `${number} ${name}`).join(', ')}.`);
  return [...before, row];
}
