import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DocumentStore, JsonObject } from '@gesta/core';
import type { Ledger } from '../ledger.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';
import { openDocuments } from '../storage/open-stores.js';

const FOLD_AFRESH = fileURLToPath(new URL('./fold-afresh.js', import.meta.url));
/** How often the log was folded afresh. */
let afresh = 0;

const MENDED_FOLDS = new URL('./mended-folds.js', import.meta.url).href;

/**
 * Folds the log afresh, in another process with an empty document store, and compares every document of every projection
 * and process manager with it, byte for byte and with the position it was folded to.
 * @returns how many documents were compared
 */
export async function compareDocuments(folder: ExecutionFolder, ledger: Ledger): Promise<number> {
  const afreshUrl = `sqlite:${join(folder.data, `afresh-${++afresh}.db`)}`;
  const child = spawn(process.execPath, ['--import', MENDED_FOLDS, FOLD_AFRESH, folder.eventsUrl, afreshUrl], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    ledger.wrong('unexpected', `the log could not be folded afresh: exit code ${code}`);
    return 0;
  }
  const [stored, anew] = await Promise.all([openDocuments(folder.documentsUrl), openDocuments(afreshUrl)]);
  try {
    return await compare(stored, anew, ledger);
  } finally {
    await Promise.all([stored.close(), anew.close()]);
  }
}

async function compare(stored: DocumentStore, afresh: DocumentStore, ledger: Ledger): Promise<number> {
  let compared = 0;
  for (const name of await afresh.collections()) {
    if (!/^(projection|process)\./.test(name)) continue;
    const expected = await documentsOf(afresh, name);
    const actual = await documentsOf(stored, await liveName(stored, name));
    for (const [key, document] of expected) {
      const found = actual.get(key);
      if (found === undefined) ledger.wrong('lost', `${name} lacks ${key}, which is ${document.text}`);
      else if (found.text !== document.text || (found.moved ?? document.moved) !== document.moved) {
        const [is, not] = [found, document].map(({ text, moved = '' }) => `${text} ${moved}`);
        ledger.wrong('differing', `${name} has ${key} as\n    ${is}, not\n    ${not}`);
      }
    }
    for (const key of actual.keys())
      if (!expected.has(key)) ledger.wrong('differing', `${name} has ${key}, which is nowhere in the log`);
    compared += expected.size;
  }
  return compared;
}

/** The collection of the generation that is live; in the store that was folded afresh it is the first one. */
async function liveName(store: DocumentStore, name: string): Promise<string> {
  const version = /^projection\.(.+)\.g1$/.exec(name)?.[1];
  if (version === undefined) return name;
  const generations = await store.collection('gesta.generations');
  const { live } = (await generations.get([version])).get(version)!.body as { live: number };
  return `projection.${version}.g${live}`;
}

/** A document as it has to be, however it came about. */
interface Compared {
  /** Its body, with the position it was folded to. */
  readonly text: string;
  /** What moved an instance of a process manager last; absent where that is not what the order of the log says. */
  readonly moved?: string;
}

async function documentsOf(store: DocumentStore, name: string): Promise<Map<string, Compared>> {
  const documents = await (await store.collection(name)).find({});
  return new Map(
    documents.map(({ key, version, body }): [string, Compared] => [
      key,
      name.startsWith('process.') ? ofInstance(version, body!) : { text: `${version} ${JSON.stringify(body)}` },
    ]),
  );
}

/**
 * What an instance's last batch sent depends on how the log was cut into batches; what it knows does not. An event that
 * older code has passed comes late: then the version is no place in the log, and the event that moved the instance last
 * is another one.
 */
function ofInstance(version: bigint, { outbox: _outbox, at, took, headers, movedAt, ...rest }: JsonObject): Compared {
  const byType = Object.entries((took ?? {}) as JsonObject).sort(([one], [other]) => (one < other ? -1 : 1));
  const text = `${at === undefined ? version : (at as string)} ${JSON.stringify({ ...rest, took: byType })}`;
  return at === undefined ? { text, moved: JSON.stringify({ headers, movedAt }) } : { text };
}
