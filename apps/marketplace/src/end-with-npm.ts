/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 200;

/**
 * Ends this process as SIGTERM does when the shell in which `npm start` runs it is gone: npm hands SIGTERM to that shell,
 * and most shells die of it without handing it on. Does nothing in a process that npm has not started.
 */
export function endWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(looking);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  looking.unref();
}
