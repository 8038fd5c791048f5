import { build } from 'esbuild';
import commonjsModule from '@rollup/plugin-commonjs';
import jsonModule from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { minify, transformFile } from '@swc/core';
import { readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { rollup } from 'rollup';
import ts from 'typescript';
import webpack from 'webpack';

/** What is loaded are ES modules, but what their types are of is CommonJS. */
const commonjs = commonjsModule as unknown as typeof commonjsModule.default;
const json = jsonModule as unknown as typeof jsonModule.default;

/** What Nest asks for and goes on without: applications leave it out of their bundles. */
const OPTIONAL =
  /^(@nestjs\/(microservices|websockets|platform-express|platform-fastify|terminus)|@fastify\/|class-transformer\/storage)/;
const BUILT_IN = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** An ES module has no `require`, which what it takes in may call. */
const REQUIRE = "import { createRequire as requiring } from 'node:module'; const require = requiring(import.meta.url);";

/** JavaScript of a TypeScript file, and where it was written. */
export type Compile = (source: string, folder: string) => Promise<string>;
export type Bundle = (entry: string, folder: string, minified: boolean) => Promise<string>;

async function written(folder: string, name: string, code: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, code);
  return file;
}

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
    return written(folder, 'compiled-by-tsc.mjs', outputText);
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
    return written(folder, 'compiled-by-swc.mjs', code);
  },
};

export const bundlers: Readonly<Record<'esbuild' | 'webpack' | 'rollup', Bundle>> = {
  async esbuild(entry, folder, minified) {
    const outfile = join(folder, 'esbuild.mjs');
    await build({
      entryPoints: [entry],
      outfile,
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
    return outfile;
  },
  async webpack(entry, folder, minified) {
    const compiler = webpack({
      mode: minified ? 'production' : 'development',
      devtool: false,
      target: 'node',
      entry,
      output: { path: folder, filename: 'webpack.cjs' },
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
    return join(folder, 'webpack.cjs');
  },
  async rollup(entry, folder, minified) {
    const bundle = await rollup({
      input: entry,
      external: (id) => OPTIONAL.test(id) || BUILT_IN.includes(id),
      plugins: [
        nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
        commonjs({ ignoreTryCatch: false }),
        json(),
      ],
      onwarn() {},
    });
    const { output } = await bundle.generate({ format: 'es', inlineDynamicImports: true, banner: REQUIRE });
    const { code } = output[0];
    return written(folder, 'rollup.mjs', minified ? (await minify(code, { module: true })).code : code);
  },
};
