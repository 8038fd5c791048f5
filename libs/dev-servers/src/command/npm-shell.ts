const LOOK_EVERY_MS = 200;

/**
 * Resolves when the shell is gone in which npx or an npm script runs this process: npm hands SIGTERM to that shell, and
 * most shells die of it without handing it on. Never, where this process was started otherwise.
 */
export function npmShellGone(): Promise<void> {
  const shell = process.ppid;
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === undefined) return;
    const looking = setInterval(() => {
      if (process.ppid === shell) return;
      clearInterval(looking);
      resolve();
    }, LOOK_EVERY_MS);
    looking.unref();
  });
}
