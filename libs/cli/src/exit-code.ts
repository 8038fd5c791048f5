/** What the command's end means to scripts. */
export const ExitCode = {
  Fine: 0,
  /** Something failed, or is not as it should be. */
  Failed: 1,
  /** An unknown command, option or name, or no configuration file. */
  WrongUsage: 2,
  /** Stopped from outside, as by Ctrl-C; 128 and the number of SIGINT, as shells have it. */
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
