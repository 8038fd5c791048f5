import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlers, compilers, type Bundled } from './bundles.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = join(here, 'application.ts');
const inPackages = (path: string) => join(here, '../../../../node_modules', path);

/** What the application says of an order that keeps the rules, and of two that break nested ones. */
const SAID = [
  'taken',
  'ValidationFailed: line.parts[0].weight',
  'ValidationFailed: lines[0].quantity, lines[0].parts[0].weight',
];

let folder: string;
/** The files that the bundlers start from: the application as each compiler has it, and as it is not meant to be. */
let entries: Readonly<Record<'tsc' | 'swc' | 'twice', string>>;
/** As it was written, for esbuild, which compiles itself and notes no types. */
let written: Readonly<Record<'itself' | 'untyped' | 'twiceValidator', string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(here, '.bundles-')); // where node finds the packages that are left out of bundles
  const twice = await changed('twice', "from 'class-transformer'", inPackages('class-transformer/esm2015/index.js'));
  entries = {
    tsc: await compilers.tsc(source, folder),
    swc: await compilers.swc(source, folder),
    twice: await compilers.swc(twice, folder),
  };
  written = {
    itself: source,
    untyped: await changed('untyped', '@ValidateNested() @Type(() => Line)'),
    twiceValidator: await changed(
      'validator',
      "from 'class-validator'",
      inPackages('class-validator/esm2015/index.js'),
    ),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function said(file: string): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 120_000 });
  return (stdout || stderr).trim().split('\n');
}

/** The application with its import from another file, or without the types that its nested rules lean on. */
async function changed(name: string, from: string, file?: string): Promise<string> {
  const text = await readFile(source, 'utf8');
  const other = text.replaceAll(from, file === undefined ? '@ValidateNested()' : `from '${file}'`);
  expect(other).not.toBe(text);
  const path = join(folder, `${name}.ts`);
  await writeFile(path, other);
  return path;
}

describe('An application with nested rules', () => {
  it.each(['tsc', 'swc'] as const)('keeps them when %s compiles it', (compiler) => {
    expect(said(entries[compiler])).toEqual(SAID);
  });

  describe.each(Object.entries(bundlers))('bundled by %s', (bundler, bundle) => {
    let bundled: Bundled;
    beforeAll(async () => {
      bundled = await bundle(bundler === 'esbuild' ? { ...entries, ...written } : entries, folder);
    });

    const forms = [false, true].map((minified) => [minified ? 'minified' : 'as it is', minified] as const);
    const compiledBy = bundler === 'esbuild' ? ['tsc', 'swc', 'itself'] : ['tsc', 'swc'];
    it.each(compiledBy.flatMap((compiler) => forms.map(([how, minified]) => [compiler, how, minified] as const)))(
      'keeps them, compiled by %s, %s',
      (compiler, _, minified) => {
        expect(said(bundled(compiler, minified))).toEqual(SAID);
      },
    );

    it.each(forms)('does not start where class-transformer is there twice, %s', (_, minified) => {
      expect(said(bundled('twice', minified))[0]).toMatch(
        /no start: DefinitionError: .* two copies of class-transformer/,
      );
    });

    if (bundler !== 'esbuild') return;
    it('does not start without the types that its rules lean on, which esbuild does not note', () => {
      expect(said(bundled('untyped', false))).toEqual([
        expect.stringMatching(
          /^no start: DefinitionError: Place\.line has @ValidateNested, but class-transformer knows no class/,
        ),
      ]);
    });

    it('keeps them where class-validator is there twice, whose copies share what they know', () => {
      expect(said(bundled('twiceValidator', false))).toEqual(SAID);
    });
  });

  it('needs no @Type where the compiler notes the types', async () => {
    expect(said(await compilers.swc(written.untyped, folder))).toEqual(SAID);
  });
});
