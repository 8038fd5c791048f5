const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  // What follows would not even load there.
  console.error(`gesta-dev-servers needs Node 22.22 or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else {
  const { run } = await import('./run.js');
  process.exitCode = await run(process.argv.slice(2));
}
