import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findConfig } from './find-config.js';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gesta-cli-'));
  mkdirSync(join(top, 'app', 'src'), { recursive: true });
});
afterEach(() => rmSync(top, { recursive: true }));

const write = (...path: string[]) => {
  const file = join(top, ...path);
  writeFileSync(file, '');
  return file;
};
const find = (env: Record<string, string> = {}, file?: string) =>
  findConfig({ file, env, folder: join(top, 'app', 'src') });

describe('the configuration file', () => {
  it('is the nearest one, upwards from the working directory', () => {
    const above = write('gesta.config.mjs');
    expect(find()).toBe(above);
    const nearer = write('app', 'gesta.config.ts');
    expect(find()).toBe(nearer);
    const first = write('app', 'gesta.config.js');
    expect(find()).toBe(first);
  });

  it('is the one that is named, before any other one', () => {
    write('app', 'gesta.config.js');
    const named = write('app', 'other.js');
    const fromEnvironment = write('app', 'src', 'env.js');
    expect(find({ GESTA_CONFIG: 'env.js' })).toBe(fromEnvironment);
    expect(find({ GESTA_CONFIG: 'env.js' }, '../other.js')).toBe(named);
  });

  it('is missed with what to do about it', () => {
    expect(() => find({}, 'nowhere.js')).toThrow(/There is no file .*app\/src\/nowhere\.js, which --config names/);
    expect(() => find({ GESTA_CONFIG: 'nowhere.js' })).toThrow(/which GESTA_CONFIG names/);
    expect(() => find()).toThrow(
      /There is no gesta\.config\.js[^]*export default defineConfig\({ adapters: \[sqlite\(\)\] }\)/,
    );
  });
});
