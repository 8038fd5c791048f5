import { streamId, type Checkpoint, type EventBatch, type EventFilter, type EventStore } from '@gesta/core';
import { Option, type Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { eventJson, eventLine } from '../terminal/event-text.js';
import type { Act, Invocation } from './act.js';
import { beginning, wholeNumber, type Beginning } from './arguments.js';

interface TailOptions {
  readonly type?: readonly string[];
  readonly category?: readonly string[];
  readonly from?: Beginning;
  readonly follow: boolean;
  readonly limit?: number;
  readonly upcast?: true;
}

export function addEvents(program: Command, act: Act): void {
  const events = program.command('events').description('Look into the log of all events.');
  events
    .command('tail')
    .description('Print events as they are appended, one line each, until Ctrl-C.')
    .option('--type <type...>', 'only events of these types')
    .addOption(new Option('--category <category...>', 'only events of streams in these categories').conflicts('type'))
    .option(
      '--from <where>',
      "'beginning', 'now' or a position, which is included (default: now; with --no-follow, beginning)",
      beginning,
    )
    .option('--no-follow', 'end at what is the end of the log')
    .option('--limit <n>', 'end after so many events', wholeNumber(0))
    .option('--upcast', 'in the present shape, where a class of the configuration knows the event')
    .addHelpText(
      'after',
      `
With --json every event is a line of its own. A position is reached by reading up to it, which takes a while in a long log.

Examples:
  $ gesta events tail
  $ gesta events tail --type ordering.order-placed ordering.order-cancelled
  $ gesta events tail --category inventory.item --from beginning --no-follow --limit 20
  $ gesta events tail --from 120000 --json | jq -c .data`,
    )
    .action(act(tailEvents));
}

/**
 * Prints the log from somewhere on.
 * @throws {InvalidStreamId} when a category cannot be one
 */
export async function tailEvents(
  { application: find, output, stopping }: Invocation,
  { type, category, from, follow, limit = Infinity, upcast }: TailOptions,
): Promise<ExitCode> {
  for (const name of category ?? []) streamId(name, 'any');
  const application = await find();
  const store = await application.events();
  const start = from ?? (follow ? 'now' : 'beginning');
  const filter = type ? { types: type } : category ? { categories: category } : undefined;
  const first = typeof start === 'bigint' ? start : 0n;
  let left = limit;
  if (left === 0) return ExitCode.Fine;
  const after = start === 'now' ? (await store.head()).checkpoint : undefined;
  for await (const { events } of batches(store, { after, filter, follow, signal: stopping })) {
    for (const event of events) {
      if (stopping.aborted) return ExitCode.Fine;
      if (event.position < first) continue;
      const shown = upcast ? application.upcast(event) : event;
      if (output.asJson) await output.json(eventJson(shown));
      else await output.print(eventLine(shown, output.width));
      if (--left === 0) return ExitCode.Fine;
    }
  }
  return ExitCode.Fine;
}

function batches(
  store: EventStore,
  options: { after: Checkpoint | undefined; filter: EventFilter | undefined; follow: boolean; signal: AbortSignal },
): AsyncIterable<EventBatch> {
  const { follow, ...reading } = options;
  return follow ? store.subscribe(reading) : store.readAll(reading);
}
