import { setLogger } from '@grpc/grpc-js';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerVersion } from '../eventstoredb/server/server-versions.js';
import { npmShellGone } from './npm-shell.js';
import { devServersProgram, version as ownVersion, type CommandLine } from './program.js';

const USUAL_EVENTSTOREDB_PORT = 2_113;
const USUAL_MONGODB_PORT = 27_017;

const ABOUT = 'Local servers for development and tests. They are not EventStoreDB and MongoDB, and not for production.';

/** A server that runs. */
interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server that can be started. */
interface Startable {
  readonly name: string;
  readonly port: number;
  /** What says the port on the command line. */
  readonly option: string;
  start(): Promise<Running>;
}

/**
 * Starts what the arguments name, says so, and waits until the process is told to end.
 * @returns the process's exit code; 1 when a server could not be started
 */
export async function run(args: readonly string[]): Promise<number> {
  const program = devServersProgram();
  program.parse(args, { from: 'user' });
  const line = program.opts<CommandLine>();
  if (line.version === true) {
    console.log(ownVersion());
    return 0;
  }
  if ((line.tlsCert === undefined) !== (line.tlsKey === undefined)) {
    program.error('error: --tls-cert and --tls-key belong together', { exitCode: 1 });
  }
  // What goes wrong is said here, in one line; the library's own words about it would come before.
  setLogger({ error: () => {}, info: () => {}, debug: () => {} });
  console.log(ABOUT);
  const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT'), npmShellGone()]);
  const running: Running[] = [];
  const stop = () => Promise.all(running.map((server) => server.stop()));
  try {
    for (const { name, start, port, option } of startable(line)) {
      const server = await start().catch((error: Error) => {
        if (!error.message.includes('EADDRINUSE')) throw error;
        throw new Error(
          `port ${port} of ${line.host} is taken: give --${option} another one, or 0 for one that is free`,
        );
      });
      running.push(server);
      console.log(`${name} ready: ${server.url} (${line.data === undefined ? 'in memory' : `data in ${line.data}`})`);
    }
  } catch (error) {
    console.error(`gesta-dev-servers: ${(error as Error).message}`);
    await stop();
    return 1;
  }
  await ended;
  await stop();
  return 0;
}

/** What is named, or both when none is. What is not started is not even loaded. */
function startable(line: CommandLine): Startable[] {
  const { host, data, eventstoredb, mongodb, tlsCert, tlsKey } = line;
  const version = line.version as ServerVersion | undefined;
  const both = eventstoredb === undefined && mongodb === undefined;
  const servers: Startable[] = [];
  if (both || eventstoredb !== undefined) {
    const port = portOf(eventstoredb, USUAL_EVENTSTOREDB_PORT);
    const tls = tlsCert && tlsKey ? { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) } : undefined;
    const start = async () => {
      const { startEventStoreDB } = await import('../eventstoredb/start-eventstoredb.js');
      return startEventStoreDB({ port, host, data: data && join(data, 'eventstoredb.db'), tls, version });
    };
    servers.push({ name: 'EventStoreDB', port, option: 'eventstoredb', start });
  }
  if (both || mongodb !== undefined) {
    const port = portOf(mongodb, USUAL_MONGODB_PORT);
    const start = async () => {
      const { startMongoDB } = await import('../mongodb/start-mongodb.js');
      return startMongoDB({ port, host, data: data && join(data, 'mongodb.db') });
    };
    servers.push({ name: 'MongoDB', port, option: 'mongodb', start });
  }
  return servers;
}

function portOf(named: number | true | undefined, usual: number): number {
  return typeof named === 'number' ? named : usual;
}
