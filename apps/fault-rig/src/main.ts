import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Progress } from '@marketplace/simulator';
import { KINDS } from './faults/calamities.js';
import { inWords, runModel } from './model/run-model.js';
import { runRig, type Run } from './rig.js';
import { STAGES, type Stage } from './stage.js';

/** Without options of the rig's, the fault specs are run, which run the rig for a short time among others. */
const FAULT_SPECS = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--config', 'jest.faults.config.js'];

const program = new Command('test:faults')
  .description('Runs the marketplace, does it harm by a seed, and keeps a ledger of what was lost, doubled or stuck.')
  .option('--seed <n>', 'the same seed gives the same faults', wholeNumber, 1)
  .option('--minutes <m>', 'for how long faults happen; each of them does once in any case', minutesOf, 1)
  .option('--only <kinds>', `let only some kinds of faults happen: ${KINDS.join(', ')}`, kindsOf, KINDS)
  .addOption(
    new Option(
      '--on <stores>',
      'where the marketplaces are: two processes on a file, on servers, or two sets of services on servers',
    )
      .choices(STAGES)
      .default('file' satisfies Stage),
  )
  .option('--model', 'run the random model of the kernel instead, in memory: processes that fail at any call of a port')
  .option('--runs <n>', 'with --model: how many runs, each with the next seed', wholeNumber, 1_000)
  .option('--wide <n>', 'with --model: how many runs side by side, as they mostly wait', wholeNumber, 40)
  .addHelpText(
    'after',
    `
Its last line is the ledger. It exits with 0 when nothing was lost, doubled or stuck, nothing differed and nothing
unexpected happened. Data and logs are in a folder of their own, which is kept when that is not so.

The model compares a bank of processes that fail, stand still and die with what its log says. A run that differs is told
with its seed: --runs 1 --seed S runs it again, and what time makes of the same faults may be another thing.

Without any of these options, the fault specs are run by jest, which takes its own options.

Examples:
  npm run test:faults
  npm run test:faults -- --seed 7 --minutes 10
  npm run test:faults -- --seed 7 --minutes 1 --only kill,torn-tail
  npm run test:faults -- --on services --seed 7 --minutes 10
  npm run test:faults -- --model --runs 20000 --seed 1`,
  );

interface ModelOptions {
  readonly model?: true;
  readonly runs: number;
  readonly wide: number;
}

const args = process.argv.slice(2);
if (args.some((arg) => /^--(seed|minutes|only|on|model|runs|wide|help)\b/.test(arg))) {
  const { seed, minutes, only, on, model, runs, wide } = program.parse().opts<Omit<Run, 'root'> & ModelOptions>();
  if (model) process.exit(await modelled(runs, seed, wide)); // what hangs in dead processes' calls goes with it
  const root = mkdtempSync(join(tmpdir(), 'fault-rig-'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      console.log(`broken off by ${signal}: there is no ledger; logs are kept in ${root}`);
      process.exit(128 + constants.signals[signal]);
    });
  }
  const ledger = await runRig({ seed, minutes, only, on, root });
  console.log(ledger.line(seed));
  process.exitCode = ledger.balances ? 0 : 1;
} else {
  const [code] = (await once(spawn(process.execPath, [...FAULT_SPECS, ...args], { stdio: 'inherit' }), 'exit')) as [
    number | null,
  ];
  process.exitCode = code ?? 1;
}

/** @returns the exit code */
async function modelled(runs: number, seed: number, wide: number): Promise<number> {
  const progress = new Progress('runs', runs);
  let ended = 0;
  const summary = await runModel({
    runs,
    seed,
    wide,
    ended: (outcome) => {
      progress.at(++ended);
      if (outcome.differences.length > 0) console.log(inWords(outcome));
    },
  });
  progress.end();
  const { deaths, faults, differing } = summary;
  console.log(
    `model: ${runs} runs from seed ${seed}, ${faults} faults, ${deaths} deaths; differing ${differing.length}`,
  );
  return differing.length === 0 ? 0 : 1;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0.');
  return Number(text);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new InvalidArgumentError('It is a number above 0, at most 1440.');
  return minutes;
}

function kindsOf(text: string): readonly string[] {
  const kinds = text.split(',');
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no '${unknown}'; there are ${KINDS.join(', ')}.`);
  return kinds;
}
