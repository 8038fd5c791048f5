import { shownUrl, type ReaderStatus, type StoreCondition, type StoreLocation } from '@gesta/core';
import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from '../application/application.js';
import { cliVersion, coreVersion, sqliteVersion } from '../application/versions.js';
import { ExitCode } from '../exit-code.js';
import { counted, readable } from '../terminal/numbers.js';
import { padded } from '../terminal/fitting.js';
import { table } from '../terminal/table.js';
import type { Act, Invocation } from './act.js';
import { wholeNumber } from './arguments.js';
import { keptReaders } from './dead-letters-names.js';
import { noteNames, noteRemains, noteWhatWaits } from './doctor-of-what-is-passed.js';

interface DoctorOptions {
  readonly patience: number;
  readonly scan?: boolean;
}

/** One thing that was looked at. */
interface Finding {
  readonly subject: string;
  readonly healthy: boolean;
  readonly detail: string;
}

type Note = (subject: string, healthy: boolean, detail: string) => void;

const LOOK_EVERY_MS = 100;
/** Of how many events the names are looked at, unless all are asked for. */
const NAMES_OF = 100_000;

export function addDoctor(program: Command, act: Act): void {
  program
    .command('doctor')
    .description('Check the configuration, the stores, and how far every reader of the log is.')
    .option(
      '--patience <seconds>',
      'how long a reader that is behind may take to get on before it is taken to stand still',
      wholeNumber(0),
      3,
    )
    .option('--scan', `look at the names of all events, not only of the first ${readable(NAMES_OF)}`)
    .addHelpText(
      'after',
      `
It ends with 1 when the configuration cannot work, a store does not answer or takes no writes, a reader is behind and stands
still (the application does not run, or cannot go on), log, checkpoints and documents do not belong together, there are dead letters, commands have no handler, a projection was
changed and its version was not, or there are events in the log under names that are likely earlier ones of classes that lack
an alias.

Examples:
  $ gesta doctor
  $ gesta doctor --json | jq .readers`,
    )
    .action(act(examine));
}

/** Looks at everything that can be looked at and tells of it; what is wrong does not stop it. */
export async function examine(
  { application: find, output, explained, stopping }: Invocation,
  { patience, scan = false }: DoctorOptions,
): Promise<ExitCode> {
  const findings: Finding[] = [];
  const note = (subject: string, healthy: boolean, detail: string) => void findings.push({ subject, healthy, detail });
  const tried = async <T>(subject: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (stopping.aborted) throw error;
      note(subject, false, explained(error));
      return undefined;
    }
  };

  const told = new Set<string>(); // events and documents may be in one file
  const tellCondition = async (subject: string, store: { condition?(): Promise<StoreCondition> }) => {
    const { failing, warnings = [] } = (await store.condition?.()) ?? {};
    for (const wrong of failing === undefined ? warnings : [`takes no writes: ${failing}`, ...warnings]) {
      if (!told.has(wrong)) note(subject, false, wrong);
      told.add(wrong);
    }
  };

  const versions: Versions = { node: process.versions.node, gesta: cliVersion(), core: coreVersion() };
  const application = await tried('configuration', find);
  if (application) versions.sqlite = sqliteVersion(application.file);
  note('versions', true, versionsText(versions));
  let readers: readonly ReaderStatus[] = [];
  let deadLetters: number | undefined;
  if (application) {
    const { events, documents } = application.settings;
    await tried('configuration', async () => note('configuration', true, configurationText(application)));
    const head = await tried('events', async () => {
      const store = await application.events();
      const { position } = await store.head();
      note('events', true, `${storeText(events)}, at position ${position}`);
      await tellCondition('events', store);
      return position;
    });
    const collections = await tried('documents', async () => {
      const store = await application.documents();
      const { length } = await store.collections();
      note('documents', true, `${storeText(documents)}, ${counted(length, 'collection')}`);
      await tellCondition('documents', store);
      return length;
    });
    if (collections !== undefined) {
      deadLetters = await tried('dead letters', async () => {
        const readersOfLetters: string[] = [];
        for await (const page of (await application.deadLetters()).pages())
          for (const { reader } of page) readersOfLetters.push(reader);
        const all = readersOfLetters.length;
        const ofKept = all > 0 ? await keptReaders(application) : new Map<string, string>();
        const { length } = readersOfLetters.filter((reader) => !ofKept.has(reader));
        const see = length > 0 ? ': see `gesta dead-letters list`' : '';
        const kept = all > length ? `, and ${readable(all - length)} of kept generations` : '';
        note('dead letters', length === 0, `${readable(length)}${kept}${see}`);
        return length;
      });
    }
    if (collections !== undefined && head !== undefined) {
      const found = await tried('readers', () => readersOf(application, patience * 1_000, stopping, note));
      if (found) {
        readers = found;
        const mismatches = await tried('stores', async () => (await application.gesta()).mismatches());
        for (const mismatch of mismatches?.values() ?? []) note('stores', false, mismatch);
        noteWhatWaits(readers, note);
        await tried('names', () => noteNames(application, scan ? undefined : NAMES_OF, { output, stopping, note }));
        await tried('remains', () => noteRemains(application, note));
      }
    }
  }

  const healthy = findings.every((finding) => finding.healthy);
  if (output.asJson) {
    await output.json({ healthy, versions, configuration: application?.file, findings, readers, deadLetters });
  } else {
    for (const finding of findings) await output.print(findingText(finding));
    if (readers.length > 0) await output.print(`\n${readersText(readers, output.width)}`);
  }
  return healthy ? ExitCode.Fine : ExitCode.Failed;
}

interface Versions {
  readonly node: string;
  readonly gesta: string;
  readonly core: string;
  sqlite?: string | undefined;
}

function versionsText({ node, gesta, core, sqlite }: Versions): string {
  const also = core === gesta ? '' : `, @gesta/core ${core}`;
  return `gesta ${gesta}${also}, node ${node}${sqlite === undefined ? '' : `, sqlite ${sqlite}`}`;
}

function configurationText(application: Application): string {
  const { aggregates, projections, processes, reactors } = application.parts();
  const classes = [
    counted(aggregates.length, 'aggregate'),
    counted(projections.length, 'projection'),
    counted(processes.length, 'process manager'),
    counted(reactors.length, 'reactor'),
  ];
  return `${application.file}: ${classes.join(', ')}`;
}

function storeText({ url, source }: StoreLocation): string {
  return `${shownUrl(url)} (${source})`;
}

/** How the readers stand; those that are behind get some time to show that they get on. */
async function readersOf(
  application: Application,
  patienceMs: number,
  stopping: AbortSignal,
  note: Note,
): Promise<readonly ReaderStatus[]> {
  const gesta = await application.gesta();
  const began = performance.now();
  const first = new Map((await gesta.status()).map(({ reader, position }) => [reader, position]));
  for (;;) {
    const readers = await gesta.status();
    const still = readers.filter(({ reader, position, lag }) => lag > 0n && first.get(reader) === position);
    if (still.length > 0 && performance.now() - began < patienceMs) {
      await delay(LOOK_EVERY_MS, undefined, { signal: stopping });
      continue;
    }
    note('readers', still.length === 0, readersDetail(readers, still));
    return readers;
  }
}

function readersDetail(readers: readonly ReaderStatus[], still: readonly ReaderStatus[]): string {
  if (readers.length === 0) return 'none are known: list their classes in the configuration';
  if (still.length === 0) return `${readable(readers.length)}, none stands still`;
  const names = still.map(({ reader }) => reader).join(', ');
  return `${readable(still.length)} of ${readable(readers.length)} behind and at a standstill: ${names}. Is the application running?`;
}

function findingText({ subject, healthy, detail }: Finding): string {
  return `${healthy ? 'ok   ' : 'WRONG'}  ${padded(subject, 13)}  ${detail}`;
}

function readersText(readers: readonly ReaderStatus[], width: number | undefined): string {
  const rows = readers.map(({ reader, position, lag, parked }) => [
    reader,
    String(position),
    readable(lag),
    readable(parked),
  ]);
  return table(['READER', 'POSITION', 'BEHIND', 'PARKED'], rows, width);
}
