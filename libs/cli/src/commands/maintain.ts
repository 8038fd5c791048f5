import type { MaintenanceReport } from '@gesta/core';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { counted } from '../terminal/numbers.js';
import type { Act, Invocation } from './act.js';
import { wholeNumber } from './arguments.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

interface MaintainOptions {
  readonly olderThan: number;
  readonly dryRun?: true;
}

export function addMaintain(program: Command, act: Act): void {
  program
    .command('maintain')
    .description('Remove what has come to its end: old messages between contexts, completed instances, tombstones.')
    .option('--older-than <days>', 'only what is at least so many days old', wholeNumber(0), 7)
    .option('--dry-run', 'tell what would be removed, and remove nothing; tombstones are not counted')
    .addHelpText(
      'after',
      `
Removed are the streams of commands, their outcomes and deadlines that every reader of these documents is past, letters that
wait included; completed instances of process managers; tombstones of documents that were deleted; documents that
no list of generations names. A running application does the same by itself. Ctrl-C stops after the portion in hand; two
at once, or one that is killed, do no harm.

Examples:
  $ gesta maintain --dry-run
  $ gesta maintain --older-than 30 --json`,
    )
    .action(act(maintain));
}

export async function maintain(
  { application, output, stopping }: Invocation,
  { olderThan, dryRun = false }: Omit<MaintainOptions, 'dryRun'> & { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const gesta = await (await application()).gesta();
  let told = 0;
  const progress = (soFar: MaintenanceReport) => {
    const now = performance.now();
    if (output.asJson || now - told < 1_000) return;
    told = now;
    output.note(`So far: ${inWords(soFar)}.`);
  };
  const report = await gesta.maintain({ olderThanMs: olderThan * DAY_MS, dryRun, signal: stopping, progress });
  if (output.asJson) await output.json({ dryRun, ...report });
  else if (report.outcome === 'busy') output.note('Another process is at it: nothing was done here.');
  else {
    await output.print(`${dryRun ? 'Would be removed' : 'Removed'}: ${inWords(report)}.`);
    for (const name of report.collections) output.note(`Collection ${name}`);
    for (const { reader, position } of report.heldBackBy)
      output.note(
        `Older messages are kept for ${reader}, which is at position ${position}, or waits there for a letter.`,
      );
    if (report.outcome === 'stopped') output.note('Stopped on the way: run it again for the rest.');
  }
  if (report.outcome === 'stopped') return ExitCode.Interrupted;
  return report.outcome === 'busy' ? ExitCode.Failed : ExitCode.Fine;
}

function inWords({ commands, outcomes, deadlines, instances, tombstones, collections }: MaintenanceReport): string {
  return [
    counted(commands, 'command'),
    counted(outcomes, 'outcome'),
    counted(deadlines, 'deadline'),
    counted(instances, 'completed instance'),
    counted(tombstones, 'tombstone'),
    counted(collections.length, 'collection'),
  ].join(', ');
}
