import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../core/test/until.js';
import { SqliteEventStore } from '../events/sqlite-event-store.js';
import { SqliteDatabase } from './sqlite-database.js';

const anEvent = () => ({ id: randomUUID(), type: 'test.happened', version: 1, headers: {}, data: {} });

describe('a database file that is taken away under a process', () => {
  let folder: string;
  let file: string;
  let store: SqliteEventStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gesta-file-'));
    file = join(folder, 'gesta.db');
    store = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${file}`));
    await store.append('test-1', [anEvent()], { expected: 'no-stream' });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const append = () => store.append('test-1', [anEvent()], { expected: 'any' });
  const refused = async () => {
    await until('it is refused', () =>
      append().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    return append().catch((error: unknown) => error);
  };

  for (const [what, take] of [
    ['was removed', () => rm(file)],
    ['was replaced', () => copyFile(file, `${file}.copy`).then(() => rename(`${file}.copy`, file))],
    ['lost its write-ahead log', () => rm(`${file}-wal`)],
  ] as const) {
    it(`takes no further append and says so when it ${what}`, async () => {
      await store.log();
      await take();
      const refusal = await refused();
      expect(refusal).toBeInstanceOf(StoreUnavailable);
      expect((refusal as Error).message).toContain(what);
      await expect(store.log()).rejects.toThrow(what);
    });
  }
});
