import { once } from 'node:events';
import { connect } from 'node:net';
import { endWithParent, environmentFrom, inPlainWords } from '@marketplace/service';
import { Command, InvalidArgumentError } from 'commander';
import { checkPortIsFree, freePorts } from './free-ports.js';
import { LabelledOutput } from './labelled-output.js';
import { SupervisedProcess, type ProcessOptions } from './supervised-process.js';
import { portsNeeded, topologyOf, type Topology } from './topology.js';
import { until } from './until.js';

const command = new Command('start:distributed')
  .description(
    'Runs the marketplace as services of their own (a write side and a read side of each context) behind one address.\n' +
      'Without GESTA_EVENTS_URL and GESTA_DOCUMENTS_URL they keep their data in local servers that speak the protocols of\n' +
      'EventStoreDB and MongoDB. PORT (3000) and HOST (127.0.0.1) are where the marketplace listens.',
  )
  .option('--data <folder>', 'where the local servers keep their data', './data/distributed')
  .option('--read-replicas <count>', 'how many processes answer the queries of each context', replicas, 1)
  .helpOption('-h, --help', 'shows this')
  .parse();

function replicas(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new InvalidArgumentError('it is a number from 1 to 9.');
  return Number(text);
}

/** In the order of their start. */
const groups: SupervisedProcess[][] = [];
const stopping = new AbortController();

/** Ends what was started in the opposite order: what takes requests first, what is stored in last. */
async function stop(exitCode: number): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  for (const group of groups.reverse()) await Promise.all(group.map((each) => each.end()));
  process.exit(exitCode);
}

function start(group: readonly ProcessOptions[], output: LabelledOutput): void {
  const started = group.map(
    (options) =>
      new SupervisedProcess(options, output, ({ name }) => {
        if (stopping.signal.aborted) return;
        console.error(`${name} could not start; what it said stands above`);
        void stop(1);
      }),
  );
  groups.push(started);
  for (const each of started) each.start();
}

async function run({ servers, services, proxy, stores }: Topology, url: string): Promise<void> {
  const output = new LabelledOutput([...servers, ...services, proxy].map(({ name }) => name));
  start(servers, output);
  await Promise.all(servers.map(({ port }) => until(() => listens(port), stopping.signal)));
  if (stopping.signal.aborted) return;
  start(services, output);
  start([proxy], output);
  await until(() => isReady(url), stopping.signal);
  if (stopping.signal.aborted) return;
  for (const each of groups.flat()) each.established();
  console.log(`For the gesta command: ${stores.join(' ')}`);
  console.log(`The marketplace is open at ${url} as ${services.length} services`);
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200;
}

try {
  const { port, host } = environmentFrom(process.env);
  const { data, readReplicas } = command.opts<{ data: string; readReplicas: number }>();
  const [eventsUrl, documentsUrl] = [process.env.GESTA_EVENTS_URL, process.env.GESTA_DOCUMENTS_URL];
  const [chosen, ...ports] = await freePorts(1 + portsNeeded(readReplicas));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  endWithParent();
  const taken = port || chosen!;
  await checkPortIsFree(taken, host);
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const topology = topologyOf(
    {
      port: taken,
      host,
      data,
      readReplicas,
      eventsUrl: eventsUrl || undefined,
      documentsUrl: documentsUrl || undefined,
    },
    ports,
  );
  await run(topology, `http://${shown}:${taken}`);
} catch (error) {
  console.error(inPlainWords(error));
  await stop(1);
}
