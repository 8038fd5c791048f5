#!/usr/bin/env node
// In a file of its own, so that npm links it before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/command/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  console.error('gesta-dev-servers is not built yet. In a clone of its repository, run: npm run build');
  process.exitCode = 1;
}
