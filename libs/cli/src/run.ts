import {
  CannotReset,
  DefinitionError,
  GenerationInUse,
  InvalidStreamId,
  NoSuchDeadLetter,
  NoSuchProjection,
  NoSuchReader,
  NoSuchRemains,
  NothingToRollBackTo,
  printable,
  RebuildRunning,
  StoresDoNotMatch,
  StoreUnavailable,
  UpcastFailed,
  VersionInUse,
  withoutSecrets,
} from '@gesta/core';
import { CommanderError, type Command } from 'commander';
import type { Application } from './application/application.js';
import type { Act } from './commands/act.js';
import { ConfigurationProblem } from './configuration/configuration-problem.js';
import type { ConfigWanted } from './configuration/find-config.js';
import { ExitCode } from './exit-code.js';
import { gestaProgram, type GlobalOptions } from './program.js';
import { Output, type Destination } from './terminal/output.js';
import { WrongUsage } from './wrong-usage.js';

/** What is around a command. */
export interface Surroundings {
  readonly stdout: Destination;
  readonly stderr: Destination;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly folder: string;
  /** Aborts when somebody wants the command to end. */
  readonly stopping: AbortSignal;
  readonly findApplication: (wanted: ConfigWanted) => Promise<Application>;
}

/** Mistakes of whoever called the command. */
const MISTAKES = [WrongUsage, NoSuchReader, NoSuchProjection, NoSuchRemains, NoSuchDeadLetter, InvalidStreamId];
/** Errors whose messages say it all. */
const EXPLAINED = [
  ...MISTAKES,
  CannotReset,
  ConfigurationProblem,
  DefinitionError,
  GenerationInUse,
  NothingToRollBackTo,
  printable,
  RebuildRunning,
  StoresDoNotMatch,
  StoreUnavailable,
  UpcastFailed,
  VersionInUse,
];

/**
 * Runs one command of the command line.
 * @param args what stands behind `gesta`
 * @returns what the process is to end with
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, stderr, env, folder, stopping, findApplication } = surroundings;
  let application: Application | undefined;
  let exitCode: ExitCode = ExitCode.Fine;
  const explained = (error: unknown) => {
    const { events, documents } = application?.settings ?? {};
    const urls = [events?.url, documents?.url, env.GESTA_EVENTS_URL, env.GESTA_DOCUMENTS_URL];
    return withoutSecrets(
      inWords(error),
      urls.filter((url) => url !== undefined),
    );
  };
  const act: Act =
    (work) =>
    async (...given) => {
      const { config, json = false } = (given.at(-1) as Command).optsWithGlobals<GlobalOptions>();
      const find = async () => (application ??= await findApplication({ file: config, env, folder }));
      const output = new Output(stdout, stderr, json);
      exitCode = await work({ application: find, output, explained, stopping }, ...given);
    };
  try {
    await gestaProgram(act, { stdout, stderr }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      const asked = ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code);
      return asked && error.exitCode === 0 ? ExitCode.Fine : ExitCode.WrongUsage;
    }
    if (stopping.aborted && error instanceof Error && error.name === 'AbortError') return ExitCode.Interrupted;
    stderr.write(`gesta: ${printable(explained(error))}\n`);
    return MISTAKES.some((kind) => error instanceof kind) ? ExitCode.WrongUsage : ExitCode.Failed;
  } finally {
    await application?.close();
  }
}

/** What was written for people is told as it is; where a bug is, its stack tells. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const explained = error.constructor === Error || EXPLAINED.some((kind) => error instanceof kind);
  return explained ? error.message : (error.stack ?? error.message);
}
