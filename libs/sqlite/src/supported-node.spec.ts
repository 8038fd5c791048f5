import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkNodeVersion } from './supported-node.js';

describe('the versions of Node', () => {
  it.each(['22.22.0', '22.22.0-nightly', '23.0.0', '24.11.1', '100.0.0'])('takes %s', (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });

  it.each(['0.12.18', '18.20.8', '20.20.2', '22.21.9', '22.3.0'])('refuses %s in words', (version) => {
    expect(() => checkNodeVersion(version)).toThrow(`@gesta/sqlite needs Node 22.22 or newer; this is ${version}`);
  });

  it('refuses an older one before anything else of the package is loaded', () => {
    const sources = fileURLToPath(new URL('../../core/test/load-sources.mjs', import.meta.url));
    const { href } = new URL('./index.ts', import.meta.url);
    const program = `
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
      await import('${href}').catch((error) => console.log(error.message));
      const { createRequire } = await import('node:module');
      const modules = Object.values(createRequire('${href}').cache);
      const run = modules.filter(({ id, loaded }) => loaded && id.includes('better-sqlite3'));
      console.log(run.length, 'files of the driver were run');`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@gesta/source', '--import', sources, '--input-type=module', '--eval', program],
      { encoding: 'utf8' },
    );
    expect({ stdout, stderr }).toEqual({
      stdout: '@gesta/sqlite needs Node 22.22 or newer; this is 20.20.2\n0 files of the driver were run\n',
      stderr: '',
    });
  });
});
