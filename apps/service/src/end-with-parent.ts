/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 200;

/**
 * Ends this process as SIGTERM does when whoever started it is gone and cannot say so: the shell in which `npm start` runs
 * it (npm hands SIGTERM to that shell, and most shells die of it without handing it on), or a supervisor that has a
 * channel to it and was killed. Does nothing in a process that was started otherwise. To be called first of all: what is
 * gone by then is noticed too.
 */
export function endWithParent(): void {
  const end = () => process.kill(process.pid, 'SIGTERM');
  if (process.channel) {
    process.once('disconnect', end);
    process.channel.unref();
    return;
  }
  if ('connected' in process && !process.connected) return void end(); // there was a channel
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(looking);
    end();
  }, LOOK_EVERY_MS);
  looking.unref();
}
