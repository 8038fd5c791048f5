import { Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { SERVER_VERSIONS } from '../eventstoredb/server/server-versions.js';

/** What was asked for on the command line. */
export interface CommandLine {
  /** The port, or true for the usual one. */
  readonly eventstoredb?: number | true;
  readonly mongodb?: number | true;
  readonly host: string;
  readonly data?: string;
  readonly memory?: true;
  readonly insecure?: true;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** The version of EventStoreDB whose habits are wanted; true to be told the command's own. */
  readonly version?: string | true;
}

const HIGHEST_PORT = 65_535;

/** The command's options and its help. */
export function devServersProgram(): Command {
  return new Command('gesta-dev-servers')
    .description(
      'Runs local servers that EventStoreDB and MongoDB clients connect to, for development and tests. Starts both when none is named.',
    )
    .addOption(
      new Option(
        '--version [eventstoredb]',
        "the EventStoreDB whose habits the server has (usual: 23.10); without a value, says this command's own version",
      ).argParser(known),
    )
    .option('--eventstoredb [port]', 'start the EventStoreDB-protocol server; 0 takes a free port (usual: 2113)', port)
    .option('--mongodb [port]', 'start the MongoDB-protocol server; 0 takes a free port (usual: 27017)', port)
    .option('--host <address>', 'the address to listen at', '127.0.0.1')
    .addOption(new Option('--data <folder>', 'keep everything in files in this folder').conflicts('memory'))
    .option('--memory', 'keep everything in memory, gone when the servers stop (so it is without --data, too)')
    .addOption(
      new Option('--insecure', 'no TLS and no users (so it is without a certificate, too)').conflicts([
        'tlsCert',
        'tlsKey',
      ]),
    )
    .option('--tls-cert <file>', "EventStoreDB's certificate, PEM: connections are encrypted and users asked for")
    .option('--tls-key <file>', 'the key of that certificate, PEM')
    .addHelpText(
      'after',
      `
With TLS the users of the EventStoreDB-protocol server are admin and ops, each with the password changeit.

Examples:
  $ gesta-dev-servers
  $ gesta-dev-servers --eventstoredb --data ./data
  $ gesta-dev-servers --eventstoredb 0 --mongodb 0 --memory`,
    );
}

function known(text: string): string {
  if (!Object.hasOwn(SERVER_VERSIONS, text)) {
    throw new InvalidArgumentError(`There are ${Object.keys(SERVER_VERSIONS).join(', ')}.`);
  }
  return text;
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > HIGHEST_PORT) throw new InvalidArgumentError('That is no port.');
  return number;
}

/** The command's own. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
