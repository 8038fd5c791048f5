import { checkedStreamId, type EventStore, type ReadStreamOptions, type RecordedEvent } from '@gesta/core';
import type { Command } from 'commander';
import type { Application } from '../application/application.js';
import { ExitCode } from '../exit-code.js';
import { eventJson, eventText } from '../terminal/event-text.js';
import { WrongUsage } from '../wrong-usage.js';
import type { Act, Invocation } from './act.js';
import { wholeNumber } from './arguments.js';

interface ShowOptions {
  readonly from?: number;
  readonly limit?: number;
  readonly backwards?: true;
  readonly upcast?: true;
}

export function addStreams(program: Command, act: Act): void {
  const streams = program.command('streams').description("Look into aggregates' streams of events.");
  streams
    .command('show')
    .description("Print a stream's events whole.")
    .argument('<id>', "the stream's id: its category, a dash, the aggregate's id")
    .option('--from <revision>', 'begin at this revision', wholeNumber(0))
    .option('--limit <n>', 'print at most so many events', wholeNumber(0))
    .option('--backwards', 'the latest event first')
    .option('--upcast', 'in the present shape, where a class of the configuration knows the event')
    .addHelpText(
      'after',
      `
Examples:
  $ gesta streams show ordering.order-4711
  $ gesta streams show ordering.order-4711 --backwards --limit 1
  $ gesta streams show ordering.order-4711 --json | jq '.[].type'`,
    )
    .action(act(showStream));
}

/**
 * Prints a stream's events.
 * @throws {InvalidStreamId} when the id cannot be a stream's
 * @throws {WrongUsage} when there is no such stream
 */
export async function showStream(
  { application: find, output, stopping }: Invocation,
  id: string,
  { from, limit, backwards, upcast }: ShowOptions,
): Promise<ExitCode> {
  checkedStreamId(id);
  const application = await find();
  const store = await application.events();
  const direction = backwards ? 'backwards' : 'forwards';
  const shown = async function* () {
    for await (const event of eventsOf(store, id, { from, limit, direction, signal: stopping })) {
      yield upcast ? application.upcast(event) : event;
    }
  };
  if (!(await exists(store, id))) throw new WrongUsage(noSuchStream(id, application));
  if (output.asJson) {
    await output.jsonArray(mapped(shown(), eventJson));
    return ExitCode.Fine;
  }
  let count = 0;
  for await (const event of shown()) await output.print(`${count++ > 0 ? '\n' : ''}${eventText(event)}`);
  if (count === 0) output.note(`${id} has no events there.`);
  return ExitCode.Fine;
}

async function exists(store: EventStore, id: string): Promise<boolean> {
  for await (const batch of store.readStream(id, { limit: 1, direction: 'backwards' }))
    if (batch.length > 0) return true;
  return false;
}

function noSuchStream(id: string, application: Application): string {
  const categories = application.parts().aggregates.map(({ category }) => category);
  const known = categories.length > 0 ? `; the categories known here are ${categories.join(', ')}` : '';
  return `There is no stream ${id}${known}`;
}

async function* eventsOf(store: EventStore, id: string, options: ReadStreamOptions): AsyncIterable<RecordedEvent> {
  for await (const batch of store.readStream(id, options)) yield* batch;
}

async function* mapped<T, U>(values: AsyncIterable<T>, change: (value: T) => U): AsyncIterable<U> {
  for await (const value of values) yield change(value);
}
