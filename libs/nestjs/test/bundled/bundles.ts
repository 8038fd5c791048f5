import { build } from 'esbuild';
import commonjsModule from '@rollup/plugin-commonjs';
import jsonModule from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { minify, transformFile } from '@swc/core';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { rollup } from 'rollup';
import ts from 'typescript';
import type { webpack as Webpack } from 'webpack';

/** Asked for as an ES module, it would load all of its parts. */
const webpack = createRequire(import.meta.url)('webpack') as typeof Webpack;

/** What is loaded are ES modules, but what their types are of is CommonJS. */
const commonjs = commonjsModule as unknown as typeof commonjsModule.default;
const json = jsonModule as unknown as typeof jsonModule.default;

/** What Nest asks for and goes on without: applications leave it out of their bundles. */
const OPTIONAL =
  /^(@nestjs\/(microservices|websockets|platform-express|platform-fastify|terminus)|@fastify\/|class-transformer\/storage)/;
const BUILT_IN = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** An ES module has no `require`, which what it takes in may call. */
const REQUIRE = "import { createRequire as requiring } from 'node:module'; const require = requiring(import.meta.url);";

/** Writes the JavaScript of a TypeScript file into the folder. */
export type Compile = (source: string, folder: string) => Promise<string>;
/** Bundles each of the entries, by their names; all are read once. */
export type Bundle = (entries: Readonly<Record<string, string>>, folder: string) => Promise<Bundled>;
/** The file with the bundle of an entry. */
export type Bundled = (entry: string, minified: boolean) => string;

async function written(folder: string, name: string, code: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  return file;
}

const compiledName = (source: string, compiler: string) => `${basename(source, '.ts')}-by-${compiler}.mjs`;

export const compilers: Readonly<Record<'tsc' | 'swc', Compile>> = {
  async tsc(source, folder) {
    const { outputText } = ts.transpileModule(await readFile(source, 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
    });
    return written(folder, compiledName(source, 'tsc'), outputText);
  },
  async swc(source, folder) {
    const { code } = await transformFile(source, {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2022',
      },
      module: { type: 'es6' },
    });
    return written(folder, compiledName(source, 'swc'), code);
  },
};

export const bundlers: Readonly<Record<'esbuild' | 'webpack' | 'rollup', Bundle>> = {
  async esbuild(entries, folder) {
    const into = (minified: boolean) => join(folder, minified ? 'esbuild-minified' : 'esbuild');
    for (const minified of [false, true]) {
      await build({
        entryPoints: entries,
        outdir: into(minified),
        outExtension: { '.js': '.mjs' },
        bundle: true,
        minify: minified,
        platform: 'node',
        format: 'esm',
        banner: { js: REQUIRE },
        tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
        plugins: [
          { name: 'optional', setup: ({ onResolve }) => onResolve({ filter: OPTIONAL }, () => ({ external: true })) },
        ],
        logLevel: 'error',
      });
    }
    return (entry, minified) => join(into(minified), `${entry}.mjs`);
  },
  async webpack(entry, folder) {
    const path = join(folder, 'webpack');
    const compiler = webpack({
      mode: 'production',
      optimization: { minimize: false },
      devtool: false,
      target: 'node',
      entry,
      output: { path, filename: '[name].cjs' },
      externals: [
        ({ request = '' }, decided) => (OPTIONAL.test(request) ? decided(undefined, `commonjs ${request}`) : decided()),
      ],
    });
    await new Promise<void>((done, failed) => {
      compiler!.run((error, stats) => {
        if (error) return failed(error);
        if (stats?.hasErrors()) return failed(new Error(stats.toString({ all: false, errors: true })));
        compiler!.close(() => done());
      });
    });
    for (const name of Object.keys(entry)) await minifyFile(join(path, `${name}.cjs`), `${path}-minified`, false);
    return (name, minified) => join(minified ? `${path}-minified` : path, `${name}.cjs`);
  },
  async rollup(input, folder) {
    const bundle = await rollup({
      input,
      external: (id) => OPTIONAL.test(id) || BUILT_IN.includes(id),
      plugins: [
        nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
        commonjs({ ignoreTryCatch: false }),
        json(),
      ],
      onwarn() {},
    });
    const path = join(folder, 'rollup');
    const { output } = await bundle.write({
      dir: path,
      format: 'es',
      banner: REQUIRE,
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    });
    for (const { fileName } of output) await minifyFile(join(path, fileName), `${path}-minified`, true);
    return (name, minified) => join(minified ? `${path}-minified` : path, `${name}.mjs`);
  },
};

/** What minifies for all bundlers that do not do it themselves: webpack's own takes minutes. */
async function minifyFile(file: string, folder: string, module: boolean): Promise<void> {
  const { code } = await minify(await readFile(file, 'utf8'), { module, compress: true, mangle: true });
  await written(folder, basename(file), code);
}
