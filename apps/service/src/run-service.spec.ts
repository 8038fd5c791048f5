import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVICE = `
  import 'reflect-metadata';
  import { Logger, Module } from '@nestjs/common';
  import { runService } from '@marketplace/service';
  class Warning {
    onModuleInit() { new Logger('A part').warn('as it started'); }
  }
  Module({})(Warning);
  await runService({ name: 'a service', module: Warning, defaultPort: 0 });
  new Logger('A part').warn('as it ran');
  process.kill(process.pid, 'SIGTERM');
`;

it('says what its parts warn of, before it is open and after', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SERVICE], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: process.env.PATH },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/as it started[^]*as it ran/) });
});
