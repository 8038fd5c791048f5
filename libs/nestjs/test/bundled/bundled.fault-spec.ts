import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlers, compilers } from './bundles.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = join(here, 'application.ts');

/** What the application says of an order that keeps the rules, and of two that break nested ones. */
const SAID = [
  'taken',
  'ValidationFailed: line.parts[0].weight',
  'ValidationFailed: lines[0].quantity, lines[0].parts[0].weight',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(here, '.bundles-')); // where node finds the packages that are left out of bundles
});
afterAll(() => rm(folder, { recursive: true }));

function said(file: string): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 });
  return (stdout || stderr).trim().split('\n');
}

/** The application with another text in it. */
async function changed(from: string | RegExp, to: string): Promise<string> {
  const text = await readFile(source, 'utf8');
  const other = text.replaceAll(from, to);
  expect(other).not.toBe(text);
  const file = join(folder, 'changed.ts');
  await writeFile(file, other);
  return file;
}

describe('An application with nested rules', () => {
  it.each(Object.entries(compilers))('keeps them when %s compiles it', async (_, compile) => {
    expect(said(await compile(source, folder))).toEqual(SAID);
  });

  const combinations = Object.entries(bundlers).flatMap(([bundler, bundle]) =>
    Object.entries(compilers).flatMap(([compiler, compile]) =>
      [false, true].map(
        (minified) => [compiler, bundler, minified ? 'minified' : 'as it is', compile, bundle] as const,
      ),
    ),
  );
  it.each(combinations)('keeps them, compiled by %s and bundled by %s, %s', async (...[, , how, compile, bundle]) => {
    expect(said(await bundle(await compile(source, folder), folder, how === 'minified'))).toEqual(SAID);
  });

  it.each([false, true])(
    'keeps them when esbuild compiles it, which notes no types (minified: %s)',
    async (minified) => {
      expect(said(await bundlers.esbuild(source, folder, minified))).toEqual(SAID);
    },
  );

  it('does not start without the types that its rules lean on', async () => {
    const file = await changed('@ValidateNested() @Type(() => Line)', '@ValidateNested()');
    expect(said(await compilers.swc(file, folder))).toEqual(SAID); // it notes them
    expect(said(await bundlers.esbuild(file, folder, false))).toEqual([
      expect.stringMatching(
        /^no start: DefinitionError: Place\.line has @ValidateNested, but class-transformer knows no class/,
      ),
    ]);
  });

  it('does not start where class-transformer is there twice', async () => {
    const twice = join(here, '../../../../node_modules/class-transformer/esm2015/index.js');
    const file = await changed("from 'class-transformer'", `from '${twice}'`);
    for (const [name, bundle] of Object.entries(bundlers)) {
      const [first] = said(await bundle(await compilers.swc(file, folder), folder, false));
      expect(`${name}: ${first}`).toMatch(/no start: DefinitionError: .* two copies of class-transformer/);
    }
  });

  it('keeps them where class-validator is there twice, whose copies share what they know', async () => {
    const twice = join(here, '../../../../node_modules/class-validator/esm2015/index.js');
    const file = await changed("from 'class-validator'", `from '${twice}'`);
    expect(said(await bundlers.esbuild(await compilers.swc(file, folder), folder, false))).toEqual(SAID);
  });
});
