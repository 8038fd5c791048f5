import {
  NoSuchProjection,
  shownUrl,
  type GenerationState,
  type Gesta,
  type ProjectionStatus,
  type RebuildOptions,
  type RebuildProgress,
  type RebuildResult,
} from '@gesta/core';
import type { Command } from 'commander';
import { ExitCode } from '../exit-code.js';
import { counted, duration, readable } from '../terminal/numbers.js';
import { RebuildProgressView } from '../terminal/rebuild-progress-view.js';
import { table } from '../terminal/table.js';
import type { Act, Invocation } from './act.js';
import { dropRemains } from './remains.js';

export function addProjections(program: Command, act: Act): void {
  const projections = program.command('projections').description('See how projections stand, and build them anew.');
  const one = (name: string, description: string) =>
    projections.command(name).description(description).argument('<name>', "the projection's name, as `list` tells it");

  projections
    .command('list')
    .description('List the projections of the configuration.')
    .addHelpText('after', '\nExamples:\n  $ gesta projections list')
    .action(act(listProjections));
  projections
    .command('status')
    .description('Tell of every generation of documents: the live one, one being built, earlier ones.')
    .argument('[name]', "the projection's name; all of them when absent")
    .addHelpText(
      'after',
      '\nExamples:\n  $ gesta projections status\n  $ gesta projections status order-summary --json',
    )
    .action(act(showProjections));
  one('rebuild', 'Build the documents anew from the whole log, beside the live ones, and then make them live.')
    .addHelpText(
      'after',
      `
The application goes on serving the live documents. What an interrupted run has built is gone on with. Ctrl-C stops
after the batch in hand; pressed again, it ends at once, which does no harm either.
It ends with 1 when keys were parked that are not in the live documents: see to the dead letters, and run it again;
and when another rebuild or a roll-back has finished meanwhile, which then stands.

Examples:
  $ gesta projections rebuild order-summary
  $ gesta projections rebuild order-summary --json`,
    )
    .action(act(rebuildProjection));
  one(
    'cancel',
    'Cancel a rebuild that is under way, in whatever process, or was interrupted. What it built is dropped.',
  )
    .addHelpText('after', '\nExamples:\n  $ gesta projections cancel order-summary')
    .action(act(cancelRebuild));
  one('rollback', 'Go back to the documents from before the last rebuild, once they have caught up.')
    .addHelpText('after', '\nExamples:\n  $ gesta projections rollback order-summary')
    .action(act(rollBack));
  one('prune', 'Drop the documents that are neither live nor being built. After that, there is no going back to them.')
    .option(
      '--earlier-versions',
      'drop the documents of earlier versions of the projection too; no process may run them',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ gesta projections prune order-summary\n  $ gesta projections prune order-summary --earlier-versions',
    )
    .action(act(prune));
  projections
    .command('drop')
    .description('Drop everything that is kept of a projection that was renamed or removed, and that nobody runs.')
    .argument('<name>', 'the name that it had')
    .addHelpText('after', '\nExamples:\n  $ gesta projections drop order-summary')
    .action(act((invocation: Invocation, name: string) => dropRemains(invocation, `projection.${name}`)));
}

export async function listProjections({ application: find, output }: Invocation): Promise<ExitCode> {
  const application = await find();
  const projections = await (await application.gesta()).projections();
  if (output.asJson) {
    await output.json(projections);
    return ExitCode.Fine;
  }
  if (projections.length === 0) output.note(`There are none: list them under \`projections\` in ${application.file}`);
  const rows = projections.map((projection) => {
    const { name, version, live, generations, lag } = projection;
    const others = generations.filter(({ number }) => number !== live);
    return [
      name,
      String(version),
      String(live),
      readable(lag),
      others.map(({ number, state }) => `${number} ${inWords[state]}`).join(', '),
    ];
  });
  await output.print(table(['PROJECTION', 'VERSION', 'LIVE', 'BEHIND', 'OTHER GENERATIONS'], rows, output.width));
  return ExitCode.Fine;
}

/** @throws {NoSuchProjection} */
export async function showProjections({ application, output }: Invocation, name?: string): Promise<ExitCode> {
  const known = await (await (await application()).gesta()).projections();
  const projections = name === undefined ? known : known.filter((projection) => projection.name === name);
  if (name !== undefined && projections.length === 0) {
    const names = known.map((projection) => projection.name).join(', ') || 'none';
    throw new NoSuchProjection(`There is no projection '${name}'; there are: ${names}`);
  }
  if (output.asJson) {
    await output.json(name === undefined ? projections : projections[0]);
    return ExitCode.Fine;
  }
  const rows = projections.flatMap((projection) => {
    const head = headOf(projection);
    return projection.generations.map(({ number, state, position, parked, createdAt }) => [
      projection.name,
      String(projection.version),
      String(number),
      inWords[state],
      String(position),
      readable(head > position ? head - position : 0n),
      readable(parked),
      createdAt,
    ]);
  });
  const heading = ['PROJECTION', 'VERSION', 'GENERATION', 'STATE', 'POSITION', 'BEHIND', 'PARKED', 'SINCE'];
  await output.print(table(heading, rows, output.width));
  for (const { name: of, earlierVersions } of projections) {
    if (earlierVersions.length === 0) continue;
    output.note(
      `${of} has documents of ${counted(earlierVersions.length, 'earlier version')} too (${earlierVersions.join(', ')}): \`gesta projections prune ${of} --earlier-versions\` drops them.`,
    );
  }
  return ExitCode.Fine;
}

/** The end of the log, as the live generation tells it. */
function headOf({ live, generations, lag }: ProjectionStatus): bigint {
  return generations.find(({ number }) => number === live)!.position + lag;
}

const inWords: Record<GenerationState, string> = {
  live: 'live',
  building: 'being built',
  frozen: 'kept',
  cancelled: 'cancelled',
  dropping: 'being dropped',
};

/**
 * @throws {NoSuchProjection}
 * @throws {RebuildRunning}
 */
export async function rebuildProjection(invocation: Invocation, name: string): Promise<ExitCode> {
  return promote(invocation, name, 'rebuild', (gesta, options) => gesta.rebuild(name, options));
}

/**
 * @throws {NoSuchProjection}
 * @throws {NothingToRollBackTo}
 * @throws {RebuildRunning}
 */
export async function rollBack(invocation: Invocation, name: string): Promise<ExitCode> {
  return promote(invocation, name, 'rollback', (gesta, options) => gesta.rollBack(name, options));
}

async function promote(
  { application: find, output, stopping }: Invocation,
  name: string,
  command: string,
  run: (gesta: Gesta, options: RebuildOptions) => Promise<RebuildResult>,
): Promise<ExitCode> {
  const application = await find();
  const gesta = await application.gesta();
  const { events: from, documents: into } = application.settings;
  let isTold = output.asJson; // once it has begun, and not before: it may be refused
  const began = performance.now();
  const view = new RebuildProgressView(output);
  const stop = () => {
    view.end();
    output.note('Stopping after the batch in hand. Ctrl-C again ends at once.');
  };
  stopping.addEventListener('abort', stop);
  let result: RebuildResult;
  try {
    const progress = (at: RebuildProgress) => {
      if (!isTold) output.note(`${name}, from ${shownUrl(from.url)} into ${shownUrl(into.url)}:`);
      isTold = true;
      view.at(at);
    };
    result = await run(gesta, { signal: stopping, progress });
    if (result.outcome === 'switched') view.whole();
  } finally {
    stopping.removeEventListener('abort', stop);
    view.end();
  }
  const seconds = (performance.now() - began) / 1_000;
  const { generation, outcome, events, parked } = result;
  const said = {
    switched: `Generation ${generation} of ${name} is live: ${counted(events, 'event')} in ${duration(seconds)}, ${readable(Math.round(events / seconds))}/s.`,
    parked: `Generation ${generation} of ${name} is not live: ${counted(parked, 'key')} parked. See \`gesta dead-letters list\`, retry or skip, and run \`gesta projections ${command} ${name}\` again.`,
    overtaken: `Another rebuild of ${name} has finished meanwhile, and what it made live is live; this run has changed nothing. \`gesta projections status ${name}\` tells what there is.`,
    cancelled: `Generation ${generation} of ${name} was cancelled; what was built of it is dropped.`,
    stopped: `Stopped. Running \`gesta projections ${command} ${name}\` again goes on from there.`,
  }[outcome];
  if (output.asJson) await output.json({ projection: name, ...result, seconds });
  else if (outcome === 'switched') await output.print(said);
  else output.note(said);
  return {
    switched: ExitCode.Fine,
    parked: ExitCode.Failed,
    overtaken: ExitCode.Failed,
    cancelled: ExitCode.Failed,
    stopped: ExitCode.Interrupted,
  }[outcome];
}

/** @throws {NoSuchProjection} */
export async function cancelRebuild({ application, output }: Invocation, name: string): Promise<ExitCode> {
  const cancelled = await (await (await application()).gesta()).cancelRebuild(name);
  if (output.asJson) await output.json({ projection: name, cancelled });
  else if (cancelled) await output.print(`The rebuild of ${name} is cancelled.`);
  else output.note(`No rebuild of ${name} is under way.`);
  return cancelled ? ExitCode.Fine : ExitCode.Failed;
}

/**
 * @throws {NoSuchProjection}
 * @throws {GenerationInUse}
 * @throws {VersionInUse}
 */
export async function prune(
  { application, output }: Invocation,
  name: string,
  { earlierVersions = false }: { readonly earlierVersions?: boolean },
): Promise<ExitCode> {
  const gesta = await (await application()).gesta();
  const dropped = await gesta.prune(name);
  const versions = earlierVersions ? await gesta.dropEarlierVersions(name) : [];
  if (output.asJson) {
    await output.json({ projection: name, dropped, ...(earlierVersions && { versions }) });
    return ExitCode.Fine;
  }
  if (dropped.length > 0)
    await output.print(`${counted(dropped.length, 'generation')} of ${name} dropped: ${dropped.join(', ')}.`);
  else if (versions.length === 0) await output.print(`${name} has no generation beside the live one.`);
  if (versions.length > 0)
    await output.print(`${counted(versions.length, 'earlier version')} of ${name} dropped: ${versions.join(', ')}.`);
  return ExitCode.Fine;
}
