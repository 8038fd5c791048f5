import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const LOADER = new URL('../../../libs/core/test/load-sources.mjs', import.meta.url).href;
const END_WITH_PARENT = new URL('./end-with-parent.ts', import.meta.url).href;

describe('a process whose parent is gone', () => {
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill('SIGKILL'));

  /** @param before what the process does before it asks to end with its parent */
  function start(before: string): ChildProcess {
    const program = `
      const { endWithParent } = await import('${END_WITH_PARENT}');
      process.once('SIGTERM', () => process.exit(7));
      setInterval(() => undefined, 1_000);
      ${before}
      endWithParent();
      console.log('ready');`;
    child = spawn(process.execPath, ['--import', LOADER, '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    return child;
  }

  it('ends', async () => {
    const child = start('');
    await once(child.stdout!, 'data');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('ends, also when it was still starting as the parent went', async () => {
    const child = start(`
      process.channel.ref();
      await new Promise((resolve) => process.once('disconnect', resolve));`);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});
