import { printable } from '@gesta/core';
import { Command } from 'commander';
import { cliVersion } from './application/versions.js';
import type { Act } from './commands/act.js';
import { addDeadLetters } from './commands/dead-letters.js';
import { addDoctor } from './commands/doctor.js';
import { addEvents } from './commands/events.js';
import { addMaintain } from './commands/maintain.js';
import { addProjections } from './commands/projections.js';
import { addReaders } from './commands/readers.js';
import { addRemains } from './commands/remains.js';
import { addStreams } from './commands/streams.js';
import type { Destination } from './terminal/output.js';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: true;
}

/** The commands, their options and their help. Calling `parseAsync` throws a `CommanderError` instead of ending the process. */
export function gestaProgram(act: Act, { stdout, stderr }: { stdout: Destination; stderr: Destination }): Command {
  const program = new Command('gesta')
    .description('Looks into the events, projections and dead letters of a Gesta application.')
    .version(cliVersion())
    .option('--config <file>', 'the configuration file (default: the nearest gesta.config.js, .mjs or .ts, upwards)')
    .option('--json', 'results for machines: one JSON value; positions are decimal strings')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(printable(text)),
      writeErr: (text) => stderr.write(printable(text)), // it names what was typed
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
    })
    .exitOverride();
  program.addHelpText(
    'after',
    `
Examples:
  $ gesta doctor
  $ gesta events tail --type ordering.order-placed
  $ gesta streams show ordering.order-4711
  $ gesta projections rebuild order-summary
  $ gesta dead-letters list

Environment:
  GESTA_CONFIG         the configuration file, where --config names none
  GESTA_EVENTS_URL     the event store, where the configuration names none (default: sqlite:./data/gesta.db)
  GESTA_DOCUMENTS_URL  the document store, where the configuration names none (default: as for the events)
  Relative paths in URLs start at the configuration file's folder. Logins in URLs are never shown.`,
  );
  program.addHelpText(
    'afterAll',
    `
Exit codes: 0 fine, 1 failed or unhealthy, 2 wrong usage or an unknown name, 130 interrupted.`,
  );
  for (const add of [
    addStreams,
    addEvents,
    addProjections,
    addDeadLetters,
    addReaders,
    addRemains,
    addMaintain,
    addDoctor,
  ])
    add(program, act);
  nameCommandsOnMistakes(program);
  return program;
}

function nameCommandsOnMistakes(command: Command): void {
  const path = (of: Command): string => (of.parent ? `${path(of.parent)} ${of.name()}` : of.name());
  const names = command.commands.map((child) => child.name());
  const known = names.length > 0 ? `The commands of \`${path(command)}\` are: ${names.join(', ')}.\n` : '';
  command.showHelpAfterError(`${known}See \`${path(command)} --help\`.`);
  for (const child of command.commands) nameCommandsOnMistakes(child);
}
