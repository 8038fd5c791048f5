import type { DeadLetter } from '@gesta/core';
import { POISONED } from '../faults/poison.js';
import type { Ledger } from '../ledger.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';
import { GestaCommand, type Outcome } from '../processes/gesta-command.js';

/** Letters that are dealt with side by side. */
const OPERATORS = 4;

/**
 * Does what an operator does after a fix was deployed: looks at every dead letter and has it taken again, or left out
 * where nothing can be made of it. Nothing but what was poisoned may be there, and nothing may be left.
 * @returns how many there were
 */
export async function clearDeadLetters(folder: ExecutionFolder, ledger: Ledger): Promise<number> {
  const letters = await listed(folder, ledger);
  const left = letters.values();
  const operator = async () => {
    for (const letter of left) await clear(folder, letter, ledger);
  };
  await Promise.all(Array.from({ length: OPERATORS }, operator));
  for (const { reader, kind, key } of await listed(folder, ledger))
    ledger.wrong('stuck', `${reader} still has the ${kind} ${key} set aside`);
  return letters.length;
}

async function clear(
  folder: ExecutionFolder,
  { id, reader, kind, key, event }: DeadLetter,
  ledger: Ledger,
): Promise<void> {
  if (!event.streamId.includes(POISONED)) {
    ledger.wrong('stuck', `${reader} has set the ${kind} ${key} aside for ${event.type} in ${event.streamId}`);
    return;
  }
  const { stdout } = await gesta(folder, ledger, ['show', id]);
  const shown = (stdout === '' ? {} : JSON.parse(stdout)) as Partial<DeadLetter>;
  if (!shown.error?.message || !shown.error.stack || !shown.event?.id)
    ledger.wrong('unexpected', `gesta dead-letters show ${id} says too little: ${stdout}`);
  const mended = kind === 'key' && reader.startsWith('projection.customer-orders.');
  await gesta(folder, ledger, [mended ? 'retry' : 'skip', id, '--wait']);
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
