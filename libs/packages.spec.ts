import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: { readonly '.': Readonly<Record<string, string>> };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

const libs = fileURLToPath(new URL('.', import.meta.url));
const root = dirname(libs);
const folders = readdirSync(libs).filter((name) => existsSync(join(libs, name, 'package.json')));
const read = (...path: string[]) => readFileSync(join(libs, ...path), 'utf8');
const manifestOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

/** The declaration files that a user's compiler reads, and the packages that these name. */
function declarationsOf(folder: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set(['dist/index.d.ts']);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, imported = ''] of read(folder, file).matchAll(/(?:from |import\(|import )'([^']+)'/g)) {
      if (imported.startsWith('.')) files.add(posix.join(dirname(file), imported.replace(/\.js$/, '.d.ts')));
      else if (!isBuiltin(imported)) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(imported)![0]);
    }
  }
  return { files, packages };
}

/** The package that holds the types of another: itself, or the one of `@types`. */
function typesOf(name: string): string {
  const types = `@types/${name.replace(/^@(.+)\//, '$1__')}`;
  return existsSync(join(root, 'node_modules', types)) ? types : name;
}

/** What npm would put into each tarball, by the package's name. */
async function filesOfTarballs(): Promise<Map<string, string[]>> {
  const options = ['--dry-run', '--json', '--offline', '--ignore-scripts', '--loglevel=error'];
  const paths = folders.map((folder) => `./libs/${folder}`);
  const { stdout } = await promisify(execFile)('npm', ['pack', ...options, ...paths], {
    cwd: root,
    shell: process.platform === 'win32', // where npm is a script
    maxBuffer: 2 ** 26,
  });
  // Older npm gives a list, newer an object by name.
  const tarballs = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  return new Map(tarballs.map(({ name, files }) => [name, files.map(({ path }) => path)]));
}

let tarballs: Map<string, string[]>;
beforeAll(async () => {
  tarballs = await filesOfTarballs();
});

describe.each(folders)('what is published of %s', (folder) => {
  const manifest = manifestOf(join(libs, folder, 'package.json'));
  let packed: string[];
  beforeAll(() => {
    packed = tarballs.get(manifest.name)!;
  });

  it('says what it is, under which license, and on which Node it runs', () => {
    const workspace = manifestOf(join(root, 'package.json'));
    expect(manifest).toMatchObject({
      name: `@gesta/${folder}`,
      description: expect.any(String),
      keywords: expect.any(Array),
      license: workspace.license,
      engines: workspace.engines,
      publishConfig: { access: 'public' },
    });
    expect(packed).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    expect(read(folder, 'README.md').split('\n')[0]).toBe(`# ${manifest.name}`);
    expect(read(folder, 'LICENSE')).toBe(read('..', 'LICENSE'));
  });

  it('holds every file that its manifest names', () => {
    const named = [...Object.values(manifest.exports['.']), ...Object.values(manifest.bin ?? {})];
    expect(packed).toEqual(expect.arrayContaining(named.map((path) => posix.normalize(path))));
  });

  it('finds types before code', () => {
    const conditions = Object.keys(manifest.exports['.']);
    expect(conditions.indexOf('types')).toBeLessThan(conditions.indexOf('default'));
    expect(conditions.at(-1)).toBe('default');
  });

  // The sources go along: an editor leads from a declaration to the commented code, and stack traces to its lines.
  it('holds the sources that its maps point to', () => {
    for (const map of ['dist/index.js.map', 'dist/index.d.ts.map']) {
      const { sources } = JSON.parse(read(folder, map)) as { sources: string[] };
      expect(packed).toEqual(expect.arrayContaining(sources.map((source) => posix.join('dist', source))));
    }
    const sources = readdirSync(join(libs, folder, 'src'), { recursive: true, encoding: 'utf8' })
      .map((path) => `src/${path.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('spec.ts') && !path.includes('/example/'));
    expect(packed.filter((path) => path.startsWith('src/')).toSorted()).toEqual(sources.toSorted());
  });

  it('holds nothing else', () => {
    const known = /^(README\.md|LICENSE|package\.json|bin\/[\w-]+\.js|src\/.*\.ts|dist\/.*\.(d\.ts|js)(\.map)?)$/;
    expect(packed.filter((path) => !known.test(path) || /spec\.(ts|js)/.test(path))).toEqual([]);
  });

  it('brings the types along that its declarations mention', () => {
    const brought = { ...manifest.dependencies, ...manifest.peerDependencies };
    const { files, packages } = declarationsOf(folder);
    expect(packed).toEqual(expect.arrayContaining([...files]));
    expect([...packages].filter((name) => !(typesOf(name) in brought))).toEqual([]);
  });
});
