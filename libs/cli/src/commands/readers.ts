import type { ResetFrom, ResetPlan } from '@gesta/core';
import { InvalidArgumentError, type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { counted, readable } from '../terminal/numbers.js';
import { table } from '../terminal/table.js';
import { WrongUsage } from '../wrong-usage.js';
import type { Act, Invocation } from './act.js';

interface ResetOptions {
  readonly from: ResetFrom;
  readonly dryRun?: true;
}

export function addReaders(program: Command, act: Act): void {
  const readers = program
    .command('readers')
    .description('See what follows the log, and put a process manager, a reactor or an inbox to another place of it.');
  readers
    .command('list')
    .description('List what follows the log: where it is, and whether log, checkpoint and documents belong together.')
    .addHelpText('after', '\nExamples:\n  $ gesta readers list')
    .action(act(listReaders));
  readers
    .command('reset')
    .description(
      'Put a process manager, a reactor or an inbox to another place of the log: the way out where the log was replaced.',
    )
    .argument('<name>', "its name, as `list` tells it, such as 'process.order-fulfilment'")
    .requiredOption(
      '--from <place>',
      "'beginning', 'now' (the end of the log), 'documents' (where a process manager's instances are), or behind a position",
      resetFrom,
    )
    .option('--dry-run', 'tell what would be done, and do nothing')
    .addHelpText(
      'after',
      `
What it means: from the beginning, a process manager loses its instances and makes them anew from the log; its commands leave
again under the ids that they had, and a reactor has every effect again. From now on, nothing that came before is taken any
more. From where its instances are, after they were put back to an older state, what came since is taken again. Instances and
dead letters of another log go in any case.

It is refused while the reader is at work in a process; one that stands still, as its stores do not match, is not, and goes on
by itself within a second or so. Projections are built anew instead: see \`gesta projections rebuild\`.

Examples:
  $ gesta readers reset process.order-fulfilment --from beginning --dry-run
  $ gesta readers reset commands.inventory --from now
  $ gesta readers reset process.order-fulfilment --from documents`,
    )
    .action(act(resetReader));
}

/** @throws {InvalidArgumentError} */
function resetFrom(text: string): ResetFrom {
  if (text === 'beginning' || text === 'now' || text === 'documents') return text;
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("It is 'beginning', 'now', 'documents' or a position, a whole number.");
}

export async function listReaders({ application, output }: Invocation): Promise<ExitCode> {
  const gesta = await (await application()).gesta();
  const mismatches = await gesta.mismatches();
  const readers = (await gesta.status()).map(({ reader, kind, position, lag, parked }) => ({
    reader,
    kind,
    position,
    lag,
    parked,
    mismatch: mismatches.get(reader),
  }));
  if (output.asJson) await output.json(readers);
  else {
    const rows = readers.map(({ reader, position, lag, parked, mismatch }) => [
      reader,
      readable(position),
      readable(lag),
      readable(parked),
      mismatch === undefined ? '' : 'does not match',
    ]);
    await output.print(table(['READER', 'POSITION', 'BEHIND', 'PARKED', 'STORES'], rows, output.width));
    for (const { mismatch } of readers) if (mismatch !== undefined) output.note(mismatch);
  }
  return mismatches.size === 0 ? ExitCode.Fine : ExitCode.Failed;
}

/**
 * @throws {WrongUsage} for a projection, or a name that nothing has
 * @throws {CannotReset}
 */
export async function resetReader(
  { application, output }: Invocation,
  name: string,
  { from, dryRun = false }: Omit<ResetOptions, 'dryRun'> & { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const gesta = await (await application()).gesta();
  const [, projection] = /^projection\.(.+?)(?:\.v\d+\.g\d+)?$/.exec(name) ?? [];
  if (projection !== undefined) {
    throw new WrongUsage(`A projection is built anew instead: \`gesta projections rebuild ${projection}\``);
  }
  const plan = await gesta.planReset(name, from);
  if (!output.asJson) await output.print(`${name} ${dryRun ? 'would go' : 'is to go'} on ${inWords(plan)}.`);
  if (!dryRun) {
    const done = await gesta.resetReader(name, from);
    if (!output.asJson) await output.print(`Done: ${name} goes on ${inWords(done)}.`);
  }
  if (output.asJson) await output.json({ dryRun, ...plan });
  return ExitCode.Fine;
}

function inWords({ at, to, dropsInstances, letters }: ResetPlan): string {
  return [
    `behind position ${to}${at === undefined ? '' : ` (it was at ${at})`}`,
    ...(dropsInstances ? ['without its instances, which go'] : []),
    ...(letters > 0 ? [`without ${counted(letters, 'dead letter')}`] : []),
  ].join(', ');
}
