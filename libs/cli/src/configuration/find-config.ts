import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WrongUsage } from '../wrong-usage.js';

const NAMES = ['gesta.config.js', 'gesta.config.mjs', 'gesta.config.ts'] as const;

/** Where to look for the configuration file. */
export interface ConfigWanted {
  /** As `--config` says. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly folder: string;
}

/**
 * The configuration file: the one that `--config` names, else the one that GESTA_CONFIG names, else the nearest
 * `gesta.config.js`, `.mjs` or `.ts` in the working directory and the folders above.
 * @returns an absolute path
 * @throws {WrongUsage} when there is none
 */
export function findConfig({ file, env, folder }: ConfigWanted): string {
  const [named, source] = file ? [file, '--config'] : [env.GESTA_CONFIG, 'GESTA_CONFIG'];
  if (named) {
    const path = resolve(folder, named);
    if (existsSync(path)) return path;
    throw new WrongUsage(`There is no file ${path}, which ${source} names`);
  }
  for (let above = resolve(folder); ; above = dirname(above)) {
    const found = NAMES.map((name) => join(above, name)).find((path) => existsSync(path));
    if (found) return found;
    if (above === dirname(above)) break;
  }
  throw new WrongUsage(
    [
      `There is no ${NAMES.join(', ')} in ${resolve(folder)} or a folder above it.`,
      'Call gesta in the application, name the file with --config FILE or GESTA_CONFIG, or write one:',
      '',
      "  import { defineConfig } from '@gesta/cli';",
      "  import { sqlite } from '@gesta/sqlite';",
      '  export default defineConfig({ adapters: [sqlite()] });',
    ].join('\n'),
  );
}
