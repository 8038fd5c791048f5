import { linkSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { inWords, loudness } from './loudness.js';

/** What is said of a file that was taken away. */
const SAYS = /was removed|was replaced|lost its write-ahead log/i;
/** How long an append may take that began before the file was taken away, in milliseconds. */
const LATE_MS = 5_000;
/** For how long it is looked whether anything is acknowledged, in milliseconds. */
const LOOK_MS = 2_000;

/** The file is taken away under the processes. Nothing is acknowledged any more, and they say so; later it is put back. */
export const unlinked: Fault = {
  kind: 'unlinked',
  on: ['file'],
  alone: true,
  async strike({ folder, fleet, ledger }, random) {
    const file = folder.databaseFile;
    const kept = ['', '-wal'].map((end) => [`${file}${end}`, `${file}.kept${end}`] as const);
    for (const [name, keptName] of kept) linkSync(name, keptName);
    const gone = random.chance(0.5) ? [file, `${file}-wal`, `${file}-shm`] : [file];
    for (const name of gone) rmSync(name);
    await delay(LATE_MS);
    const before = ledger.acknowledged;
    const [heard] = await Promise.all([loudness(fleet.marketplaces, SAYS), delay(LOOK_MS)]);
    const more = ledger.acknowledged - before;
    if (more > 0) ledger.wrong('unexpected', `${more} were acknowledged that went to a file which was taken away`);
    for (const { name, afterMs } of heard)
      if (afterMs === undefined)
        ledger.wrong('unexpected', `marketplace ${name} has lost its file and does not say so`);
    await fleet.killAll();
    // A name that is left is removed first: to rename one of a file's names to another does nothing.
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    for (const [name, keptName] of kept) renameSync(keptName, name);
    for (const marketplace of fleet.marketplaces) fleet.restart(marketplace);
    return `${gone.length === 1 ? 'the file' : 'the file with its log'} was taken away: ${inWords(heard)}`;
  },
};
