import { Application } from './application/application.js';
import { ExitCode } from './exit-code.js';
import { Interruption } from './interruption.js';
import { run } from './run.js';

/** Runs the command of this process, as its arguments, its environment and its terminal have it. */
export async function runInTerminal(args: readonly string[]): Promise<ExitCode> {
  const { stdout, stderr, env } = process;
  const interruption = new Interruption(() => process.exit(ExitCode.Interrupted));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.press());
  // Whoever reads the output, such as `head`, has had enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(ExitCode.Fine);
  });
  return run(args, {
    stdout,
    stderr,
    env,
    folder: process.cwd(),
    stopping: interruption.stopping,
    findApplication: (wanted) => Application.find(wanted),
  });
}
