import { NoSuchDeadLetter, type DeadLetter, type DeadLetters, type SeenLetter } from '@gesta/core';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { counted, readable } from '../terminal/numbers.js';
import type { Output } from '../terminal/output.js';
import { ProgressView } from '../terminal/progress-view.js';
import { WrongUsage } from '../wrong-usage.js';
import type { Act, Invocation } from './act.js';
import {
  answersAsTheyCome,
  countsOf,
  outcomesOf,
  type Answer,
  type Asked,
  type Counts,
  type FailedAgain,
} from './dead-letters-answers.js';
import { keptReaders, keptWords, noSuchLetters, refuseUnknown } from './dead-letters-names.js';

type Requested = 'retry' | 'skip';

interface RequestOptions {
  readonly all?: true;
  readonly reader?: string;
  readonly everyReader?: true;
  readonly wait?: true;
}

/** Letters, as they were looked at: what is asked for is asked for these events only. */
interface Found {
  readonly asked: readonly Asked[];
  readonly seen: ReadonlyMap<string, SeenLetter>;
}

/** After how long it is told what the waiting may be for, in milliseconds. */
const LONG_MS = 5_000;
/** How many letters that failed again are told to people. */
const FAILED_SHOWN = 5;

/** Adds `retry` and `skip`. */
export function addRequests(letters: Command, act: Act): void {
  const ids = [
    '[ids...]',
    "the letters' ids, as `list` tells them; id@position only while it is about that event",
  ] as const;
  const ofReader = ['--reader <name>', 'with --all: those of this reader'] as const;
  const waits = ['--wait', 'until it is done, or has failed again'] as const;
  letters
    .command('retry')
    .description('Ask readers to take events again, and then those that wait behind them.')
    .argument(...ids)
    .option('--all', 'every letter there is')
    .option(...ofReader)
    .option(...waits)
    .addHelpText(
      'after',
      `
Whichever process runs the reader does it, within a second as a rule; for many keys together, on one way through the log.
With --wait it ends with 1 when any of it failed again.

Examples:
  $ gesta dead-letters retry 6f1c0b5e-5c0e-5f6e-9d43-0a1b2c3d4e5f --wait
  $ gesta dead-letters retry --all --reader projection.order-summary.v1.g1 --wait
  $ gesta dead-letters retry --all`,
    )
    .action(act(retryDeadLetters));
  letters
    .command('skip')
    .description('Ask readers to leave events out for good, and to take those that wait behind them.')
    .argument(...ids)
    .option('--all', 'every letter of the reader')
    .option(...ofReader)
    .option('--every-reader', 'with --all, in place of --reader: those of all the readers')
    .option(...waits)
    .addHelpText(
      'after',
      `
Whichever process runs the reader does it, within a second as a rule; for many keys together, on one way through the log.
With --wait it ends with 1 when an event that waited behind one left out fails too.

Examples:
  $ gesta dead-letters skip 6f1c0b5e-5c0e-5f6e-9d43-0a1b2c3d4e5f
  $ gesta dead-letters skip --all --reader reactor.confirmation-mail --wait`,
    )
    .action(act(skipDeadLetters));
}

/**
 * @throws {WrongUsage}
 * @throws {NoSuchDeadLetter}
 */
export function retryDeadLetters(invocation: Invocation, ids: string[], options: RequestOptions): Promise<ExitCode> {
  return request(invocation, 'retry', ids, options);
}

/**
 * @throws {WrongUsage}
 * @throws {NoSuchDeadLetter}
 */
export function skipDeadLetters(invocation: Invocation, ids: string[], options: RequestOptions): Promise<ExitCode> {
  return request(invocation, 'skip', ids, options);
}

async function request(
  invocation: Invocation,
  requested: Requested,
  given: readonly string[],
  options: RequestOptions,
): Promise<ExitCode> {
  refuseMistakes(requested, given, options);
  const { output } = invocation;
  const { all = false, reader, wait = false } = options;
  const letters = await (await invocation.application()).deadLetters();
  const found = all ? await allOf(invocation, letters, reader) : await named(letters, [...new Set(given)]);
  const asked = await withoutKept(invocation, found.asked, all);
  const isOne = !all && asked.length === 1;
  try {
    await letters[requested](asked.map(({ id }) => found.seen.get(id)!));
  } catch (error) {
    if (isOne || !(error instanceof NoSuchDeadLetter)) throw error; // of many, some may just have been done
  }
  const answers = wait && asked.length > 0 ? await waitedFor(invocation, letters, asked, isOne) : [];
  await (isOne
    ? tellOfOne(output, requested, asked[0]!, answers[0], wait)
    : tell(output, requested, asked, answers, wait));
  if (!wait) return ExitCode.Fine;
  if (answers.length < asked.length) return ExitCode.Interrupted;
  return answers.every(({ outcome }) => outcome === 'done') ? ExitCode.Fine : ExitCode.Failed;
}

/** @throws {WrongUsage} */
function refuseMistakes(requested: Requested, ids: readonly string[], options: RequestOptions): void {
  const { all, reader, everyReader } = options;
  if (ids.length > 0 && all) throw new WrongUsage('Give either ids or --all, not both.');
  if (ids.length > 0 && (reader !== undefined || everyReader)) {
    throw new WrongUsage(`${everyReader ? '--every-reader' : '--reader'} goes with --all; an id needs none.`);
  }
  if (ids.length === 0 && !all) {
    throw new WrongUsage(
      `Which ones? Give ids, as \`gesta dead-letters list\` tells them, or ${requested === 'skip' ? '--all --reader <name>' : '--all'}.`,
    );
  }
  if (reader !== undefined && everyReader) throw new WrongUsage('Give either --reader or --every-reader, not both.');
  if (requested === 'skip' && all && reader === undefined && !everyReader) {
    throw new WrongUsage(
      'What is skipped is left out for good. Say of which reader with --reader <name>, or --every-reader if it is to be all of them.',
    );
  }
}

/** @throws {WrongUsage} when there is no such reader */
async function allOf({ application }: Invocation, letters: DeadLetters, reader?: string): Promise<Found> {
  const asked: Asked[] = [];
  const seen = new Map<string, SeenLetter>();
  for await (const page of letters.pages(reader === undefined ? {} : { reader })) {
    for (const letter of page) {
      asked.push(toAsk(letter));
      seen.set(letter.id, { id: letter.id, event: { id: letter.event.id } }); // without what was in it, which may be large
    }
  }
  if (reader !== undefined && asked.length === 0) await refuseUnknown(reader, letters, await application());
  return { asked, seen };
}

/**
 * The letters but those of generations that are kept: nobody follows these, so nobody would answer.
 * @param all whether those are left out without being refused
 * @throws {WrongUsage}
 */
async function withoutKept(
  { application, output }: Invocation,
  asked: readonly Asked[],
  all: boolean,
): Promise<readonly Asked[]> {
  const kept = asked.length > 0 ? await keptReaders(await application()) : new Map<string, string>();
  const followed = asked.filter(({ reader }) => !kept.has(reader));
  for (const reader of new Set(asked.map((one) => one.reader))) {
    const projection = kept.get(reader);
    if (projection === undefined) continue;
    const problem = `${reader} is of a generation that is kept and that nobody follows: ${keptWords(projection)}`;
    if (!all) throw new WrongUsage(`${problem}.`);
    output.note(`${problem}; its letters are left alone.`);
  }
  return followed;
}

/**
 * @param given ids, some of them with the position that they are to be about
 * @throws {NoSuchDeadLetter}
 */
async function named(letters: DeadLetters, given: readonly string[]): Promise<Found> {
  const meant = new Map(given.map((one) => one.split('@', 2) as [string, string | undefined]));
  const ids = [...meant.keys()];
  const found = await letters.getAll(ids);
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw await noSuchLetters(missing, letters);
  for (const [id, position] of meant) {
    const { position: now } = found.get(id)!;
    if (position !== undefined && position !== now)
      throw new NoSuchDeadLetter(
        `Dead letter ${id} is about position ${now} by now, not ${position}. Look at it again`,
      );
  }
  return foundIn(ids.map((id) => found.get(id)!));
}

function foundIn(letters: readonly DeadLetter[]): Found {
  return { asked: letters.map(toAsk), seen: new Map(letters.map((letter) => [letter.id, letter])) };
}

function toAsk({ id, reader, kind, key }: DeadLetter): Asked {
  return { id, reader, kind, key };
}

/** Waits until there is an answer for each, or somebody stops the command. */
async function waitedFor(
  { output, stopping }: Invocation,
  letters: DeadLetters,
  asked: readonly Asked[],
  isOne: boolean,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const view = new ProgressView(output);
  const long = setTimeout(() => {
    const answered = new Set(answers.map(({ id }) => id));
    const readers = [...new Set(asked.flatMap(({ id, reader }) => (answered.has(id) ? [] : [reader])))];
    view.end();
    output.note(
      `${readers.join(', ')} ${readers.length === 1 ? 'has' : 'have'} not done it yet. Is the application running? A rebuild does it when it is run again. What was asked stays asked.`,
    );
  }, LONG_MS);
  try {
    for await (const some of answersAsTheyCome(letters, asked, stopping)) {
      for (const answer of some) answers.push(answer);
      if (!isOne) view.at(answers.length, asked.length, inNumbers(countsOf(asked, answers)));
    }
  } finally {
    clearTimeout(long);
    view.end();
  }
  return answers;
}

/** In the words of one letter. */
async function tellOfOne(
  output: Output,
  requested: Requested,
  { id, reader, kind, key }: Asked,
  answer: Answer | undefined,
  waited: boolean,
): Promise<void> {
  if (output.asJson) {
    const { outcome = 'asked', ...rest } = answer ?? {};
    await output.json({ id, requested, outcome, ...('letter' in rest && { letter: rest.letter }) });
  } else if (!waited) await output.print(`${reader} is asked to ${requested} the ${kind} ${key}.`);
  else if (!answer) output.note(`${reader} has not done it yet; it stays asked.`);
  else if (answer.outcome === 'done') await output.print(`Done: the ${kind} ${key} goes on in ${reader}.`);
  else output.note(`It failed again at position ${answer.letter.position}: ${errorOf(answer)}`);
}

/** In numbers, and the first of those that failed again. */
async function tell(
  output: Output,
  requested: Requested,
  asked: readonly Asked[],
  answers: readonly Answer[],
  waited: boolean,
): Promise<void> {
  const counts = countsOf(asked, answers);
  if (output.asJson) return output.json({ requested, ...counts, outcomes: outcomesOf(asked, answers) });
  if (asked.length === 0) return output.print('There are no dead letters.');
  if (!waited) {
    for (const [reader, of] of Map.groupBy(asked, (one) => one.reader))
      await output.print(`${reader} is asked to ${requested} ${kindsOf(of)}.`);
    return;
  }
  await output.print(`${inNumbers(counts)}.`);
  const failed = answers.filter((answer) => answer.outcome === 'failed');
  for (const answer of failed.slice(0, FAILED_SHOWN)) {
    const { id, kind, key, reader, letter } = answer;
    output.note(`  ${id}  ${kind} ${key} of ${reader} at position ${letter.position}: ${errorOf(answer)}`);
  }
  if (failed.length > FAILED_SHOWN)
    output.note(`  ${readable(failed.length - FAILED_SHOWN)} more: see \`gesta dead-letters list\`.`);
  if (counts.asked > 0) output.note('What is not done yet stays asked.');
}

function errorOf({ letter }: FailedAgain): string {
  return `${letter.error.name}: ${letter.error.message}`;
}

/** Such as `3 keys and 1 stream`. */
function kindsOf(asked: readonly Asked[]): string {
  const kinds = Map.groupBy(asked, ({ kind }) => kind);
  return [...kinds].map(([kind, of]) => counted(of.length, kind)).join(' and ');
}

/** Such as `12 of 40 done, 3 failed again`. */
function inNumbers({ total, done, failed }: Counts): string {
  return `${readable(done)} of ${counted(total, 'dead letter')} done${failed === 0 ? '' : `, ${readable(failed)} failed again`}`;
}
