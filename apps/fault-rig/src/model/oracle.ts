import {
  CommandRefused,
  deterministicId,
  eventDefinition,
  processDefinition,
  projectionDefinition,
  type Class,
  type DocumentStore,
  type JsonObject,
  type ProcessState,
  type RecordedEvent,
} from '@gesta/core';
import {
  BY_A_CLIENT,
  Deposit,
  Deposited,
  Release,
  Released,
  Transfer,
  Withdraw,
  Withdrawn,
  type Sent,
} from './bank.js';

/** How the world is not what the log says. */
export interface Difference {
  readonly kind: 'lost' | 'doubled' | 'reordered' | 'both' | 'differing' | 'unexpected' | 'stuck';
  /** In words. */
  readonly what: string;
}

type Differ = (kind: Difference['kind'], what: string) => void;

/** A projection, and the collection whose documents are read. */
export interface Shown {
  readonly projectionClass: Class;
  readonly collection: string;
}

const typeOf = (event: Class) => eventDefinition(event).type;
const COMMANDS = new Set([Withdraw, Deposit, Release].map(typeOf));
const ACCEPTED = new Set([Withdrawn, Deposited, Released].map(typeOf));
const REFUSED = typeOf(CommandRefused);

/**
 * Compares documents, instances, commands and letters with what one pass over the log, event by event and without the
 * readers' help, makes of it.
 */
export async function difference(
  log: readonly RecordedEvent[],
  documents: DocumentStore,
  sent: readonly Sent[],
  shown: readonly Shown[],
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const differ: Differ = (kind, what) => void found.push({ kind, what });
  for (const projection of shown) await compareDocuments(log, documents, projection, differ);
  const commands = await compareInstances(log, documents, differ);
  compareCommands(log, commands, differ);
  compareOutcomes(log, differ);
  compareLetters(log, sent, differ);
  return found;
}

async function compareDocuments(
  log: readonly RecordedEvent[],
  documents: DocumentStore,
  { projectionClass, collection: name }: Shown,
  differ: Differ,
): Promise<void> {
  const definition = projectionDefinition(projectionClass, new (projectionClass as new () => object)());
  const folded = new Map<string, { version: bigint; body: JsonObject | undefined }>();
  for (const event of log) {
    if (!definition.registry.find(event.type)) continue;
    for (const key of definition.keysOf(event)) {
      const before = folded.get(key)?.body;
      const body = definition.fold(structuredClone(event), before && structuredClone(before), key);
      if (body !== undefined || before !== undefined) folded.set(key, { version: event.position, body });
    }
  }
  const collection = await documents.collection(name);
  const stored = await collection.get([...folded.keys()]);
  for (const [key, { version, body }] of folded) {
    const there = stored.get(key);
    if (there?.version === version && JSON.stringify(there.body) === JSON.stringify(body)) continue;
    differ(
      'differing',
      `${name} ${key} is ${JSON.stringify(there?.body)} at ${there?.version}, not ${JSON.stringify(body)} at ${version}`,
    );
  }
  for (const { key } of await collection.find({})) if (!folded.has(key)) differ('differing', `${name} has ${key} too`);
}

interface Expected {
  readonly type: string;
  readonly data: string;
}

/** @returns the commands that the log leads to, by id */
async function compareInstances(
  log: readonly RecordedEvent[],
  documents: DocumentStore,
  differ: Differ,
): Promise<ReadonlyMap<string, Expected>> {
  const definition = processDefinition(Transfer);
  const states = new Map<string, ProcessState>();
  const commands = new Map<string, Expected>();
  for (const event of log) {
    if (!definition.types.includes(event.type)) continue;
    const lifted = definition.registry.lift(event);
    const key = definition.keyOf(lifted);
    const step = key === undefined ? undefined : definition.step(states.get(key), structuredClone(lifted));
    if (key === undefined || !step) continue;
    states.set(key, step.state);
    step.commands.forEach(({ type, data }, index) =>
      commands.set(deterministicId('command', definition.name, key, event.id, index), {
        type,
        data: JSON.stringify(data),
      }),
    );
  }
  const stored = await (await documents.collection(`process.${definition.name}`)).get([...states.keys()]);
  for (const [key, { fields, completed }] of states) {
    const body = stored.get(key)?.body;
    if (JSON.stringify(body?.fields) !== JSON.stringify(fields) || body?.completed !== completed)
      differ('differing', `the process ${key} is ${JSON.stringify(body?.fields)}, not ${JSON.stringify(fields)}`);
    const heard = fields.heard as readonly string[];
    if (heard.includes('refused') && heard.includes('withdrawn')) differ('both', `${key} heard ${heard.join(', ')}`);
  }
  return commands;
}

function compareCommands(log: readonly RecordedEvent[], expected: ReadonlyMap<string, Expected>, differ: Differ): void {
  const seen = new Set<string>();
  for (const { id, type, data } of log) {
    if (!COMMANDS.has(type)) continue;
    if (seen.has(id)) differ('doubled', `the command ${type} of ${String(data.transfer)}`);
    seen.add(id);
    if (expected.get(id)?.data !== JSON.stringify(data))
      differ('unexpected', `the command ${type} ${JSON.stringify(data)}`);
  }
  for (const [id, { type, data }] of expected) if (!seen.has(id)) differ('lost', `the command ${type} ${data}`);
}

/** Each command comes to one outcome, and those of one account in the order of the commands. */
function compareOutcomes(log: readonly RecordedEvent[], differ: Differ): void {
  const outcomes = Map.groupBy(
    log.filter(({ type }) => ACCEPTED.has(type) || type === REFUSED),
    ({ type, commandId, data }) => (type === REFUSED ? (data.commandId as string) : commandId),
  );
  const last = new Map<string, bigint>();
  for (const { id, type, data } of log) {
    if (!COMMANDS.has(type)) continue;
    const what = `${type} of ${String(data.transfer)}`;
    const [outcome, ...more] = outcomes.get(id) ?? [];
    if (more.length > 0) {
      const types = [outcome!, ...more].map((each) => each.type);
      differ(new Set(types).size > 1 ? 'both' : 'doubled', `${what} came to ${types.join(' and ')}`);
    }
    if (!outcome && type !== typeOf(Release)) differ('lost', `${what} came to nothing`); // to release nothing is an outcome
    if (outcome && outcome.type !== REFUSED) {
      const account = data.account as string;
      if (outcome.position < (last.get(account) ?? 0n)) differ('reordered', `${what} on ${account}`);
      last.set(account, outcome.position);
    }
  }
  for (const [commandId, events] of outcomes)
    if (commandId?.startsWith(BY_A_CLIENT) && events.length > 1) differ('doubled', `what ${commandId} deposited`);
}

/** At least one letter for each deposit, the first ones of an account in order. */
function compareLetters(log: readonly RecordedEvent[], sent: readonly Sent[], differ: Differ): void {
  const first = new Map<string, Sent>();
  const last = new Map<string, bigint>();
  for (const letter of sent) {
    if (first.has(letter.event)) continue;
    first.set(letter.event, letter);
    if (letter.position < (last.get(letter.stream) ?? 0n)) differ('reordered', `the letter for ${letter.event}`);
    last.set(letter.stream, letter.position);
  }
  for (const { id, type, data } of log)
    if (type === typeOf(Deposited) && !first.has(id)) differ('lost', `the letter for ${String(data.transfer)}`);
}
