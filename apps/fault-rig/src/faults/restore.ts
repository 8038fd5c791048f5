import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgedSoFar } from '../load/acknowledged.js';
import { copyDatabase } from '../storage/copy.js';
import type { Fault } from './fault.js';

/** A copy of the file is taken beside the load. The last one is put back at the end of the run. */
export const restore: Fault = {
  kind: 'restore',
  on: ['file'],
  strike(surroundings, random) {
    const { folder, trade, races } = surroundings;
    const kinds = ['events and documents', 'documents', 'events'] as const;
    const restored = kinds[random.integer(0, kinds.length - 1)]!;
    const file = join(folder.root, 'copy.db');
    rmSync(file, { force: true });
    const acknowledged = acknowledgedSoFar(trade, races); // what comes after the copy is not in it, by intention
    copyDatabase(folder.databaseFile, file);
    surroundings.copy = { file, acknowledged, restored };
    return Promise.resolve(`a copy was taken with ${acknowledged.placed.length} orders, to put back ${restored}`);
  },
};
