import Database from 'better-sqlite3';

/** What makes a connection as durable and as well cached as another one. */
export type Settings = Readonly<Record<string, string | number>>;

const NAMES = [
  'page_size',
  'journal_mode',
  'synchronous',
  'fullfsync',
  'checkpoint_fullfsync',
  'cache_size',
  'wal_autocheckpoint',
  'journal_size_limit',
  'temp_store',
  'mmap_size',
];

/** The settings of a connection: ours, as the floor takes them over. */
export function settingsOf({ db }: { readonly db: Database.Database }): Settings {
  return Object.fromEntries(NAMES.map((name) => [name, db.pragma(name, { simple: true }) as string | number]));
}

/**
 * A connection of the floor's, as durable as ours because it has the very same settings.
 * @param path the file, which is made when it is not there
 */
export function openWith(settings: Settings, path: string): Database.Database {
  const db = new Database(path, { timeout: 0 });
  for (const [name, value] of Object.entries(settings)) db.pragma(`${name} = ${value}`);
  const got = settingsOf({ db });
  for (const name of NAMES) {
    if (got[name] !== settings[name]) {
      throw new Error(`The floor's ${name} is ${got[name]} and ours is ${settings[name]}: they cannot be compared`);
    }
  }
  return db;
}
