import { NoSuchDeadLetter, type DeadLetters } from '@gesta/core';
import type { Application } from '../application/application.js';
import { WrongUsage } from '../wrong-usage.js';

/** What to say where there are no letters of the ids, with some that there are. */
export async function noSuchLetters(ids: readonly string[], letters: DeadLetters): Promise<NoSuchDeadLetter> {
  const some = (await letters.list({ limit: 10 })).map(({ id }) => `\n  ${id}`).join('');
  return new NoSuchDeadLetter(
    `There is no dead letter ${ids.join(', ')}${some ? `. There are:${some}` : '; there are none'}`,
  );
}

/**
 * A reader has nothing parked; where it is not one that could have, its name is a mistake.
 * @throws {WrongUsage} naming the readers
 */
export async function refuseUnknown(reader: string, letters: DeadLetters, application: Application): Promise<void> {
  const status = await (await application.gesta()).status();
  const known = new Set(status.map((one) => one.reader));
  for await (const page of letters.pages()) for (const letter of page) known.add(letter.reader);
  if (known.has(reader)) return;
  const names = [...known].sort().map((name) => `\n  ${name}`);
  throw new WrongUsage(
    `There is no reader ${reader}${names.length > 0 ? `. There are:${names.join('')}` : `; list its class in ${application.file}`}`,
  );
}

/** The readers of generations that are kept to be rolled back to, and their projections: nobody follows them. */
export async function keptReaders(application: Application): Promise<ReadonlyMap<string, string>> {
  const projections = await (await application.gesta()).projections();
  return new Map(
    projections.flatMap(({ name, generations }) =>
      generations.filter(({ state }) => state === 'frozen').map(({ reader }) => [reader, name] as const),
    ),
  );
}

/** What to do with letters of a kept generation. */
export function keptWords(projection: string): string {
  return (
    `roll back to it first (\`gesta projections rollback ${projection}\`), ` +
    `or drop it with its dead letters (\`gesta projections prune ${projection}\`)`
  );
}
