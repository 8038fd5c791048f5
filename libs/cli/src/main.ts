#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  // What follows would not even load there.
  console.error(`gesta needs Node 22.22 or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  const { runInTerminal } = await import('./run-in-terminal.js');
  process.exitCode = await runInTerminal(process.argv.slice(2));
}
