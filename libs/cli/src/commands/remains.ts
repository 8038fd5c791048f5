import type { Remains } from '@gesta/core';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { counted, readable } from '../terminal/numbers.js';
import { table } from '../terminal/table.js';
import type { Act, Invocation } from './act.js';

export function addRemains(program: Command, act: Act): void {
  const remains = program
    .command('remains')
    .description('See what is kept of what follows the log and is not in the configuration, and drop it.');
  remains
    .command('list')
    .description(
      'List what is kept of projections, process managers, reactors and inboxes that were renamed or removed.',
    )
    .addHelpText(
      'after',
      `
Where several applications share a document store, those of the others are among them.

Examples:
  $ gesta remains list`,
    )
    .action(act(listRemains));
  remains
    .command('drop')
    .description(
      'Drop the documents, checkpoints, dead letters and generations of one of them. There is no going back.',
    )
    .argument('<name>', "its name, as `list` tells it, such as 'projection.order-summary'")
    .addHelpText(
      'after',
      `
It is refused while a process runs its code, and for what the configuration lists.

Examples:
  $ gesta remains drop projection.order-summary
  $ gesta remains drop process.order-fulfilment`,
    )
    .action(act(dropRemains));
}

export async function listRemains({ application, output }: Invocation): Promise<ExitCode> {
  const all = await (await (await application()).gesta()).remains();
  if (output.asJson) {
    await output.json(all);
    return ExitCode.Fine;
  }
  if (all.length === 0) output.note('Nothing is kept that the configuration does not list.');
  const rows = all.map(({ name, readers, collections, parked }) => [
    name,
    readable(readers.length),
    collections.join(', '),
    readable(parked),
  ]);
  await output.print(table(['NAME', 'READERS', 'COLLECTIONS', 'PARKED'], rows, output.width));
  return ExitCode.Fine;
}

/**
 * @throws {NoSuchRemains}
 * @throws {StillInUse}
 */
export async function dropRemains({ application, output }: Invocation, name: string): Promise<ExitCode> {
  const dropped = await (await (await application()).gesta()).dropRemains(name);
  if (output.asJson) await output.json(dropped);
  else await output.print(`${name} is dropped: ${remainsText(dropped)}.`);
  return ExitCode.Fine;
}

function remainsText({ readers, collections, parked }: Remains): string {
  const letters = parked > 0 ? [counted(parked, 'dead letter')] : [];
  return [counted(readers.length, 'reader'), counted(collections.length, 'collection'), ...letters].join(', ');
}
