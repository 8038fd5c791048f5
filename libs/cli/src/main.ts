#!/usr/bin/env node
import { heapBounds } from './heap-bounds.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  // What follows would not even load there.
  console.error(`gesta needs Node 22.22 or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  const bounds = heapBounds(process.argv.slice(2), process);
  if (bounds.length > 0 && process.execve && process.platform !== 'win32') {
    // The same process goes on under these options, so that whoever has started it can stop or kill it as ever.
    const args = [process.execPath, ...bounds, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, args, process.env as Record<string, string>);
  }
  const { runInTerminal } = await import('./run-in-terminal.js');
  process.exitCode = await runInTerminal(process.argv.slice(2));
}
