import type { DeadLetter } from '@gesta/core';
import { POISONED } from '../faults/poison.js';
import type { Ledger } from '../ledger.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';
import { GestaCommand, type Outcome } from '../processes/gesta-command.js';

/** How many letters are looked at and dealt with one by one, and how many of these side by side. The rest goes at once. */
const ONE_BY_ONE = 20;
const OPERATORS = 4;

/**
 * Does what an operator does after a fix was deployed: looks at dead letters and has them taken again, or left out where
 * nothing can be made of them. Nothing but what was poisoned may be there, and nothing may be left.
 * @returns how many there were
 */
export async function clearDeadLetters(folder: ExecutionFolder, ledger: Ledger): Promise<number> {
  const letters = await listed(folder, ledger);
  for (const { reader, kind, key, event } of letters) {
    if (!event.streamId.includes(POISONED))
      ledger.wrong('stuck', `${reader} has parked the ${kind} ${key} for ${event.type} in ${event.streamId}`);
  }
  const first = letters.slice(0, ONE_BY_ONE).values();
  const operator = async () => {
    for (const letter of first) await clear(folder, letter, ledger);
  };
  await Promise.all(Array.from({ length: OPERATORS }, operator));
  for (const [reader, rest] of Map.groupBy(letters.slice(ONE_BY_ONE), (letter) => letter.reader))
    await clearAll(folder, reader, rest, ledger);
  for (const { reader, kind, key } of await listed(folder, ledger))
    ledger.wrong('stuck', `${reader} still has the ${kind} ${key} parked`);
  return letters.length;
}

async function clear(folder: ExecutionFolder, letter: DeadLetter, ledger: Ledger): Promise<void> {
  const { id } = letter;
  const { stdout } = await gesta(folder, ledger, ['show', id]);
  const shown = (stdout === '' ? {} : JSON.parse(stdout)) as Partial<DeadLetter>;
  if (!shown.error?.message || !shown.error.stack || !shown.event?.id)
    ledger.wrong('unexpected', `gesta dead-letters show ${id} says too little: ${stdout}`);
  await gesta(folder, ledger, [isMended(letter) ? 'retry' : 'skip', id, '--wait']);
}

/** All that the reader has parked. Where its fold is mended, only streams are left out: their keys could not be told. */
async function clearAll(
  folder: ExecutionFolder,
  reader: string,
  letters: readonly DeadLetter[],
  ledger: Ledger,
): Promise<void> {
  const all = ['--all', '--reader', reader, '--wait'];
  if (!letters.some(isMended)) {
    await gesta(folder, ledger, ['skip', ...all]);
    return;
  }
  const others = letters.filter((letter) => !isMended(letter)).map(({ id }) => id);
  if (others.length > 0) await gesta(folder, ledger, ['skip', ...others, '--wait']);
  await gesta(folder, ledger, ['retry', ...all]);
}

function isMended({ reader, kind }: DeadLetter): boolean {
  return kind === 'key' && reader.startsWith('projection.customer-orders.');
}

async function listed(folder: ExecutionFolder, ledger: Ledger): Promise<DeadLetter[]> {
  const { stdout } = await gesta(folder, ledger, ['list', '--limit', '100000']);
  return stdout === '' ? [] : (JSON.parse(stdout) as DeadLetter[]);
}

async function gesta(folder: ExecutionFolder, ledger: Ledger, args: readonly string[]): Promise<Outcome> {
  const outcome = await new GestaCommand(folder, ['dead-letters', ...args], { mended: true }).ended;
  if (outcome.exitCode !== 0) {
    const said = `${outcome.stdout}${outcome.stderr}`.trim().slice(0, 500);
    ledger.wrong('unexpected', `gesta dead-letters ${args.join(' ')} ended with ${outcome.exitCode}: ${said}`);
  }
  return outcome;
}
