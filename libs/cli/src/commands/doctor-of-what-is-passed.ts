import { contextOf, eventDefinition, type ReaderStatus } from '@gesta/core';
import type { Application } from '../application/application.js';
import { counted, readable } from '../terminal/numbers.js';
import type { Output } from '../terminal/output.js';
import { ProgressView } from '../terminal/progress-view.js';
import { namesInLog } from './names-in-log.js';

/** Takes down what was found. */
type Note = (subject: string, healthy: boolean, detail: string) => void;

/** From how many events on it is shown how far it is. */
const SHOWN_FROM = 20_000;

/** Says what readers leave where it is, and which documents two versions of a fold have made. */
export function noteWhatWaits(readers: readonly ReaderStatus[], note: Note): void {
  const waiting = readers.flatMap((reader) => Object.entries(reader.waiting));
  if (waiting.length > 0) {
    const names = waiting.map(([type, count]) => `${type} (${readable(count)})`).join(', ');
    note('commands', false, `without a handler, waiting for one: ${names}`);
  }
  const missing = readers.filter((reader) => reader.missing.length > 0);
  if (missing.length > 0) {
    const names = missing.map((reader) => `${reader.reader}: ${reader.missing.join(', ')}`).join('; ');
    note('looked for', true, `not yet, as another version runs or they are being read now: ${names}`);
  }
  for (const { reader, changed } of readers) {
    if (changed !== undefined) note('projections', false, `${reader}: ${changed}`);
  }
}

/** Says which events in the log no class knows, and which commands nobody takes. */
export async function noteNames(
  application: Application,
  limit: number | undefined,
  { output, stopping, note }: { readonly output: Output; readonly stopping: AbortSignal; readonly note: Note },
): Promise<void> {
  const store = await application.events();
  const parts = application.parts();
  const { position: head } = await store.head();
  const checkpoints = await (await application.documents()).collection('gesta.checkpoints');
  const inboxes = new Map((await checkpoints.find({})).map(({ key, version }) => [key, version]));
  const here = new Set(parts.travelling.map((command) => contextOf(eventDefinition(command).type)));
  const view = new ProgressView(output);
  const found = await namesInLog(store, parts, {
    limit,
    hasInbox: (context, at) => here.has(context) || at <= (inboxes.get(`commands.${context}`) ?? -1n),
    progress(position, events) {
      if (events >= SHOWN_FROM) view.at(Number((position * 1_000n) / (head || 1n)), 1_000, counted(events, 'event'));
    },
    signal: stopping,
  }).finally(() => view.end());
  const ours = found.unknown.filter(({ isOurs }) => isOurs);
  for (const { type, count, nearest } of ours) {
    const alias = nearest.length > 0 ? `; should it be an alias of ${nearest.join(' or ')}?` : '';
    note(
      'names',
      false,
      `no class knows ${type}, of which ${counted(count, 'event is', 'events are')} in the log${alias}`,
    );
  }
  for (const [context, count] of found.undelivered) {
    note(
      'commands',
      false,
      `${counted(count, 'command')} for ${context}, and no inbox of that context has come to them`,
    );
  }
  const others = found.unknown.filter(({ isOurs }) => !isOurs);
  const named = others.map(({ type, nearest }) => (nearest.length > 0 ? `${type} (like ${nearest.join(', ')})` : type));
  const foreign = named.length > 0 ? `; not known here: ${named.join(', ')}` : '';
  const looked = found.isWhole
    ? counted(found.events, 'event')
    : `the first ${counted(found.events, 'event')}; --scan looks at all`;
  if (ours.length === 0) note('names', true, `known, in ${looked}${foreign}`);
  else if (!found.isWhole) note('names', true, `looked at in ${looked}`);
}

/** Says what is kept of what the configuration does not list. */
export async function noteRemains(application: Application, note: Note): Promise<void> {
  const remains = await (await application.gesta()).remains();
  if (remains.length === 0) return;
  const names = remains.map(({ name }) => name).join(', ');
  note('remains', true, `not in the configuration: ${names}; \`gesta remains drop\` drops what no application runs`);
}
