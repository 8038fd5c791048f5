import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DocumentStore, JsonObject } from '@gesta/core';
import { sqlite } from '@gesta/sqlite';
import type { Ledger } from '../ledger.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';

const FOLD_AFRESH = fileURLToPath(new URL('./fold-afresh.js', import.meta.url));
const MENDED_FOLDS = new URL('./mended-folds.js', import.meta.url).href;

/**
 * Folds the log afresh, in another process with an empty document store, and compares every document of every projection
 * and process manager with it, byte for byte and with the position it was folded to.
 * @returns how many documents were compared
 */
export async function compareDocuments(folder: ExecutionFolder, ledger: Ledger): Promise<number> {
  const afreshUrl = `sqlite:${folder.databaseFile}.afresh`;
  const child = spawn(process.execPath, ['--import', MENDED_FOLDS, FOLD_AFRESH, folder.storeUrl, afreshUrl], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    ledger.wrong('unexpected', `the log could not be folded afresh: exit code ${code}`);
    return 0;
  }
  const options = { now: () => new Date() };
  const [stored, afresh] = await Promise.all(
    [folder.storeUrl, afreshUrl].map((url) => sqlite().openDocumentStore!(url, options)),
  );
  try {
    return await compare(stored!, afresh!, ledger);
  } finally {
    await Promise.all([stored, afresh].map((store) => store!.close()));
  }
}

async function compare(stored: DocumentStore, afresh: DocumentStore, ledger: Ledger): Promise<number> {
  let compared = 0;
  for (const name of await afresh.collections()) {
    if (!/^(projection|process)\./.test(name)) continue;
    const expected = await documentsOf(afresh, name);
    const actual = await documentsOf(stored, await liveName(stored, name));
    for (const [key, text] of expected) {
      const found = actual.get(key);
      if (found === undefined) ledger.wrong('lost', `${name} lacks ${key}, which is ${text}`);
      else if (found !== text) ledger.wrong('differing', `${name} has ${key} as\n    ${found}, not\n    ${text}`);
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

async function documentsOf(store: DocumentStore, name: string): Promise<Map<string, string>> {
  const documents = await (await store.collection(name)).find({});
  return new Map(
    documents.map(({ key, version, body }) => {
      const { place, rest } = body && 'outbox' in body ? ofInstance(version, body) : { place: version, rest: body };
      return [key, `${place} ${JSON.stringify(rest)}`];
    }),
  );
}

/**
 * An instance as it has to be, however its process manager came by it. What its last batch sent depends on how the log was
 * cut into batches. An event that was passed by older code comes late: then the version is no place in the log, and what
 * moved the instance last was another event.
 */
function ofInstance(version: bigint, { outbox: _outbox, at, took, headers, movedAt, ...rest }: JsonObject) {
  const byType = Object.entries((took ?? {}) as JsonObject).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    place: at === undefined ? version : (at as string),
    rest: { ...rest, took: Object.fromEntries(byType), ...(at === undefined && { headers, movedAt }) },
  };
}
