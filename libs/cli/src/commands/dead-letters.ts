import { NoSuchDeadLetter, type DeadLetter, type DeadLetters, type RecordedEvent } from '@gesta/core';
import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from '../application/application.js';
import { ExitCode } from '../exit-code.js';
import { indented } from '../terminal/event-text.js';
import { counted, readable } from '../terminal/numbers.js';
import { table } from '../terminal/table.js';
import { WrongUsage } from '../wrong-usage.js';
import type { Act, Invocation } from './act.js';
import { wholeNumber } from './arguments.js';

interface ListOptions {
  readonly reader?: string;
  readonly limit: number;
}

interface RequestOptions {
  readonly wait?: true;
}

/** How often is looked whether a reader has done what it was asked, in milliseconds. */
const LOOK_EVERY_MS = 100;
/** After how long it is told what the waiting may be for, in milliseconds. */
const LONG_MS = 5_000;

export function addDeadLetters(program: Command, act: Act): void {
  const letters = program
    .command('dead-letters')
    .description('See what readers of the log have set aside, and have it taken again or left out.');
  const waits = ['--wait', 'until it is done, or has failed again'] as const;
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
  letters
    .command('retry')
    .description('Ask the reader to take the event again, and then those that wait behind it.')
    .argument('<id>', "the letter's id, as `list` tells it")
    .option(...waits)
    .addHelpText(
      'after',
      `
Whichever process runs the reader does it, within a second as a rule. With --wait it ends with 1 when that failed again.

Examples:
  $ gesta dead-letters retry 6f1c0b5e-5c0e-5f6e-9d43-0a1b2c3d4e5f --wait`,
    )
    .action(act(retryDeadLetter));
  letters
    .command('skip')
    .description('Ask the reader to leave the event out for good, and to take those that wait behind it.')
    .argument('<id>', "the letter's id, as `list` tells it")
    .option(...waits)
    .addHelpText(
      'after',
      `
Whichever process runs the reader does it, within a second as a rule. With --wait it ends with 1 when an event that
waited behind the one left out fails too.

Examples:
  $ gesta dead-letters skip 6f1c0b5e-5c0e-5f6e-9d43-0a1b2c3d4e5f`,
    )
    .action(act(skipDeadLetter));
}

/** @throws {WrongUsage} when there is no such reader */
export async function listDeadLetters(
  { application: find, output }: Invocation,
  { reader, limit }: ListOptions,
): Promise<ExitCode> {
  const application = await find();
  const letters = await application.deadLetters();
  const found = await letters.list(reader === undefined ? {} : { reader });
  if (reader !== undefined && found.length === 0) await refuseUnknown(reader, letters, application);
  found.sort((one, other) => (one.parkedAt < other.parkedAt ? -1 : 1));
  const listed = found.slice(0, limit);
  if (output.asJson) await output.json(listed);
  else if (listed.length === 0) await output.print('There are no dead letters.');
  else {
    const rows = listed.map(({ id, reader: of, kind, key, position, attempts, requested, error }) => [
      id,
      of,
      `${kind} ${key}`,
      position,
      String(attempts),
      requested ?? '',
      `${error.name}: ${error.message}`,
    ]);
    const heading = ['ID', 'READER', 'SET ASIDE', 'POSITION', 'ATTEMPTS', 'ASKED', 'ERROR'];
    await output.print(table(heading, rows, output.width));
  }
  if (found.length > listed.length) {
    output.note(`${readable(found.length - listed.length)} more: see --limit.`);
  }
  return ExitCode.Fine;
}

/** A reader has nothing set aside; where it is not one that could have, its name is a mistake. */
async function refuseUnknown(reader: string, letters: DeadLetters, application: Application): Promise<void> {
  const status = await (await application.gesta()).status();
  const known = new Set([...status, ...(await letters.list())].map((one) => one.reader));
  if (known.has(reader)) return;
  const names = [...known].sort().map((name) => `\n  ${name}`);
  throw new WrongUsage(
    `There is no reader ${reader}${names.length > 0 ? `. There are:${names.join('')}` : `; list its class in ${application.file}`}`,
  );
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
    `set aside ${kind} ${key}, from position ${position} on, at ${parkedAt} after ${counted(attempts, 'attempt')}`,
    `event     ${event.type} v${event.version}, revision ${event.revision} of ${event.streamId}, ${event.recordedAt}, id ${event.id}`,
    indented(JSON.stringify(event.data, undefined, 2)),
    `error     ${error.name}: ${error.message}`,
    ...(error.stack === undefined ? [] : [indented(error.stack)]),
  ].join('\n');
}

/** @throws {NoSuchDeadLetter} */
export async function retryDeadLetter(invocation: Invocation, id: string, options: RequestOptions): Promise<ExitCode> {
  return request(invocation, id, 'retry', options);
}

/** @throws {NoSuchDeadLetter} */
export async function skipDeadLetter(invocation: Invocation, id: string, options: RequestOptions): Promise<ExitCode> {
  return request(invocation, id, 'skip', options);
}

async function request(
  { application, output, stopping }: Invocation,
  id: string,
  requested: 'retry' | 'skip',
  { wait }: RequestOptions,
): Promise<ExitCode> {
  const letters = await (await application()).deadLetters();
  const { reader, kind, key } = await found(letters, id);
  await letters[requested](id);
  if (!wait) {
    if (output.asJson) await output.json({ id, requested, outcome: 'asked' });
    else await output.print(`${reader} is asked to ${requested} the ${kind} ${key}.`);
    return ExitCode.Fine;
  }
  const after = await answered(letters, id, stopping, () => {
    output.note(
      `${reader} has not done it yet. Is the application running? A rebuild does it when it is run again. What was asked stays asked.`,
    );
  });
  if (after === 'stopped') {
    if (output.asJson) await output.json({ id, requested, outcome: 'asked' });
    else output.note(`${reader} has not done it yet; it stays asked.`);
    return ExitCode.Interrupted;
  }
  if (after === undefined) {
    if (output.asJson) await output.json({ id, requested, outcome: 'done' });
    else await output.print(`Done: the ${kind} ${key} goes on in ${reader}.`);
    return ExitCode.Fine;
  }
  if (output.asJson) await output.json({ id, requested, outcome: 'failed', letter: after });
  else output.note(`It failed again at position ${after.position}: ${after.error.name}: ${after.error.message}`);
  return ExitCode.Failed;
}

/** The letter as it is when its reader has done what was asked: gone, or there with nothing asked for. */
async function answered(
  letters: DeadLetters,
  id: string,
  stopping: AbortSignal,
  takesLong: () => void,
): Promise<DeadLetter | undefined | 'stopped'> {
  const long = setTimeout(takesLong, LONG_MS);
  try {
    while (!stopping.aborted) {
      const letter = await letters.get(id);
      if (letter?.requested === undefined) return letter;
      await delay(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
    return 'stopped';
  } finally {
    clearTimeout(long);
  }
}

/** @throws {NoSuchDeadLetter} naming some that there are */
async function found(letters: DeadLetters, id: string): Promise<DeadLetter> {
  const letter = await letters.get(id);
  if (letter) return letter;
  const some = (await letters.list({ limit: 10 })).map((other) => `\n  ${other.id}`).join('');
  throw new NoSuchDeadLetter(`There is no dead letter ${id}${some ? `. There are:${some}` : '; there are none'}`);
}
