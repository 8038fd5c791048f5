import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { heapBounds } from './heap-bounds.js';

const started = { execArgv: [], env: {} };

describe('The heap of the command', () => {
  it.each([[['projections', 'rebuild', 'order-summary']], [['--json', 'projections', 'rollback', 'order-summary']]])(
    'is bounded where a log is folded: gesta %j',
    (args) => {
      expect(heapBounds(args, started)).toEqual([
        expect.stringContaining('--max-semi-space-size='),
        expect.stringContaining('--max-old-space-size='),
        '--no-allocation-site-pretenuring',
      ]);
    },
  );

  it('is left as it is elsewhere', () => {
    expect(heapBounds(['projections', 'list'], started)).toEqual([]);
    expect(heapBounds(['doctor'], started)).toEqual([]);
  });

  it('is left as it is where somebody has bounded it', () => {
    const args = ['projections', 'rebuild', 'order-summary'];
    expect(heapBounds(args, { ...started, execArgv: ['--max-old-space-size=4096'] })).toEqual([]);
    expect(heapBounds(args, { ...started, env: { NODE_OPTIONS: '--max_old_space_size=4096' } })).toEqual([]);
    expect(heapBounds(args, { ...started, execArgv: heapBounds(args, started) })).toEqual([]);
  });

  it('being bounded, the command is the same process and does the same', () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    const { status, stdout } = run('projections', 'rebuild', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('gesta projections rebuild');
    expect(run('projections', 'rebuild')).toMatchObject({ status: 2, stderr: expect.stringContaining('name') });
  });
});
