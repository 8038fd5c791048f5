import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const RIG = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Every kind of fault comes about once in any case. */
const MINUTES = 0.1;

it('loses, doubles and leaves nothing when the fault rig does the marketplace every kind of harm', async () => {
  const rig = spawn(process.execPath, [RIG, '--seed', '1', '--minutes', String(MINUTES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  rig.stdout.on('data', (text) => {
    output += String(text);
    process.stderr.write(text); // how it gets on
  });
  const [exitCode] = (await once(rig, 'close')) as [number | null];
  const ledger = output.trimEnd().split('\n').at(-1);
  expect({ exitCode, ledger }).toEqual({
    exitCode: 0,
    ledger: expect.stringMatching(
      /^ledger: acknowledged [1-9]\d*, lost 0, doubled 0, stuck 0, differing 0, unexpected 0;/,
    ),
  });
  expect(ledger).not.toMatch(
    /\b(kill|torn-tail|poison|roll-out|file-limit|clocks|starve|kill-all|restore|pause|flood|rebuild|operators) 0\b/,
  );
});
