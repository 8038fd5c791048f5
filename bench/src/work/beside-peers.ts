import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { besidePeers, type Finding, type PeerFigure } from '../finding.js';
import type { Measured, ToMeasure, Work } from '../peers/measure-side.js';
import type { SideSettings } from '../peers/side.js';
import { versionOfPeer } from '../peers/peer-packages.js';
import { runTask } from '../processes/run-task.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { median } from '../statistics.js';

const MEASURE = import.meta.resolve('../peers/measure-side.js');

const SIDES = {
  gesta: import.meta.resolve('../peers/gesta-side.js'),
  emmett: import.meta.resolve('../peers/emmett-side.js'),
  act: import.meta.resolve('../peers/act-side.js'),
};
type SideName = keyof typeof SIDES;

/** The packages whose versions are told. */
const PACKAGES = { emmett: '@event-driven-io/emmett-sqlite', act: '@rotorsoft/act' } as const;

/** What is done, and in which unit. */
const WORKS: readonly (readonly [Work, title: string, unit: string])[] = [
  ['append', 'append, awaited one by one', 'events/s'],
  ['append-64', 'append, 64 in flight', 'events/s'],
  ['load', 'load a 1,000-event aggregate', 'loads/s'],
  ['handle', 'handle a command on a 20-event aggregate, 64 in flight', 'commands/s'],
  ['project', 'fold the log into documents', 'events/s'],
];

/** How a peer's figure came about where that is not plain. They are what was seen with the versions in its lock file. */
const NOTES: Readonly<Record<Exclude<SideName, 'gesta'>, Partial<Record<Work, string>>>> = {
  emmett: {
    append:
      'keeps one connection, as it may be told to; as it comes it opens one for every call, which is many times slower',
    'append-64':
      'appends are awaited one by one: on one connection those that overlap share a transaction and are acknowledged before it is committed, on several they fail',
    handle: 'commands are awaited one by one, for the same reason',
    project: 'reads 1,000 events at once (100 as it comes) and saves its checkpoint after each',
  },
  act: {
    append: 'the store alone is asked, past the validation of events that comes with its commands',
    'append-64': 'appends are awaited one by one: those that overlap fail with SQLITE_BUSY',
    load: 'forgets the cached state first: ours reads the store too',
    handle:
      'commands are awaited one by one, for the same reason; it validates them and their events, which ours was not asked to; its cache is on, as is ours',
    project: 'hands over 1,000 events at once; their documents are written by hand, a transaction each time',
  },
};

/** The same work by Gesta and by its peers, each on a file of its own, every measurement in a new process. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const names = Object.keys(SIDES) as SideName[];
  const rounds = quick ? 1 : 3;
  const settings: Partial<Record<SideName, string>> = {};
  const findings: Finding[] = [];
  for (const [work, title, unit] of WORKS) {
    const rates: Record<SideName, number[]> = { gesta: [], emmett: [], act: [] };
    for (let round = 0; round < rounds; round++) {
      for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
        tell(`${title}: ${name}, round ${round + 1} of ${rounds}`);
        const own = join(folder, `${work}-${round}-${name}`);
        mkdirSync(own);
        const input: ToMeasure = { module: SIDES[name], work, folder: own, quick };
        const measured = await runTask<Measured>(MEASURE, input);
        rmSync(own, { recursive: true, force: true });
        rates[name].push(measured.rate);
        settings[name] = shown(measured.settings);
      }
    }
    const figure = (name: Exclude<SideName, 'gesta'>): PeerFigure => ({
      name: `${PACKAGES[name].slice(PACKAGES[name].indexOf('/') + 1)} ${versionOfPeer(PACKAGES[name])}`,
      value: median(rates[name]),
      settings: settings[name]!,
      note: NOTES[name][work],
    });
    findings.push(besidePeers(title, unit, median(rates.gesta), [figure('emmett'), figure('act')]));
  }
  return findings;
}

const SYNCHRONOUS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];

function shown({ sqlite, journal, synchronous }: SideSettings): string {
  return `SQLite ${sqlite}, journal_mode=${journal}, synchronous=${SYNCHRONOUS[synchronous]}`;
}
