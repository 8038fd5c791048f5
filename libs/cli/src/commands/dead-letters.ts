import type { DeadLetter, DeadLetters, RecordedEvent } from '@gesta/core';
import type { Command } from 'commander';
import type { Application } from '../application/application.js';
import { ExitCode } from '../exit-code.js';
import { indented } from '../terminal/event-text.js';
import { counted, readable } from '../terminal/numbers.js';
import { table } from '../terminal/table.js';
import type { Act, Invocation } from './act.js';
import { wholeNumber } from './arguments.js';
import { keptReaders, noSuchLetters, refuseUnknown } from './dead-letters-names.js';
import { addRequests } from './dead-letters-requests.js';

interface ListOptions {
  readonly reader?: string;
  readonly limit: number;
}

export function addDeadLetters(program: Command, act: Act): void {
  const letters = program
    .command('dead-letters')
    .description('See what readers of the log have parked, and have it taken again or left out.');
  letters
    .command('list')
    .description('List the dead letters, oldest first.')
    .option('--reader <name>', 'only those of this reader, such as projection.order-summary.v1.g1')
    .option('--limit <n>', 'list at most so many', wholeNumber(1), 100)
    .addHelpText(
      'after',
      '\nExamples:\n  $ gesta dead-letters list\n  $ gesta dead-letters list --reader process.order-fulfilment',
    )
    .action(act(listDeadLetters));
  letters
    .command('show')
    .description('Print a dead letter whole: the event that failed, and why.')
    .argument('<id>', "the letter's id, as `list` tells it")
    .option('--upcast', 'the event in its present shape, where a class of the configuration knows it')
    .addHelpText('after', '\nExamples:\n  $ gesta dead-letters show 6f1c0b5e-5c0e-5f6e-9d43-0a1b2c3d4e5f')
    .action(act(showDeadLetter));
  addRequests(letters, act);
}

/** @throws {WrongUsage} when there is no such reader */
export async function listDeadLetters(
  { application: find, output }: Invocation,
  { reader, limit }: ListOptions,
): Promise<ExitCode> {
  const application = await find();
  const letters = await application.deadLetters();
  const { count, oldest: listed } = await oldestOf(letters, reader, limit);
  if (reader !== undefined && count === 0) await refuseUnknown(reader, letters, application);
  if (output.asJson) await output.json(listed);
  else if (listed.length === 0) await output.print('There are no dead letters.');
  else {
    // A hint, which is not worth failing for.
    const kept = await keptReaders(application).catch(() => new Map<string, string>());
    const rows = listed.map(({ id, reader: of, kind, key, position, attempts, requested, error }) => [
      id,
      kept.has(of) ? `${of} (kept)` : of,
      `${kind} ${key}`,
      position,
      String(attempts),
      requested ?? '',
      `${error.name}: ${error.message}`,
    ]);
    const heading = ['ID', 'READER', 'PARKED', 'POSITION', 'ATTEMPTS', 'ASKED', 'ERROR'];
    await output.print(table(heading, rows, output.width));
  }
  if (count > listed.length) output.note(`${readable(count - listed.length)} more: see --limit.`);
  return ExitCode.Fine;
}

/** How many there are, and those that have waited longest; no more than these are kept in memory. */
async function oldestOf(letters: DeadLetters, reader: string | undefined, limit: number) {
  let count = 0;
  let oldest: DeadLetter[] = [];
  for await (const page of letters.pages(reader === undefined ? {} : { reader })) {
    count += page.length;
    oldest.push(...page);
    oldest.sort((one, other) => (one.parkedAt < other.parkedAt ? -1 : 1));
    oldest = oldest.slice(0, limit);
  }
  return { count, oldest };
}

/** @throws {NoSuchDeadLetter} */
export async function showDeadLetter(
  { application: find, output }: Invocation,
  id: string,
  { upcast }: { readonly upcast?: true },
): Promise<ExitCode> {
  const application = await find();
  const letter = await found(await application.deadLetters(), id);
  const shown = upcast ? { ...letter, event: upcastEvent(letter, application) } : letter;
  if (output.asJson) await output.json(shown);
  else await output.print(letterText(shown));
  return ExitCode.Fine;
}

function upcastEvent(letter: DeadLetter, application: Application): DeadLetter['event'] {
  const { event, position } = letter;
  const recorded: RecordedEvent = {
    ...event,
    position: BigInt(position),
    recordedAt: new Date(event.recordedAt),
    commandId: undefined,
    headers: {},
  };
  const { type, version, data } = application.upcast(recorded);
  return { ...event, type, version, data };
}

function letterText(letter: DeadLetter): string {
  const { id, reader, kind, key, position, event, error, attempts, parkedAt, requested } = letter;
  return [
    `${id}${requested === undefined ? '' : `  (asked to ${requested})`}`,
    `reader    ${reader}`,
    `parked    ${kind} ${key}, from position ${position} on, at ${parkedAt} after ${counted(attempts, 'attempt')}`,
    `event     ${event.type} v${event.version}, revision ${event.revision} of ${event.streamId}, ${event.recordedAt}, id ${event.id}`,
    indented(JSON.stringify(event.data, undefined, 2)),
    `error     ${error.name}: ${error.message}`,
    ...(error.stack === undefined ? [] : [indented(error.stack)]),
  ].join('\n');
}

async function found(letters: DeadLetters, id: string): Promise<DeadLetter> {
  const letter = await letters.get(id);
  if (letter) return letter;
  throw await noSuchLetters([id], letters);
}
