import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionSettings } from './connection-url.js';

const PATIENCE_MS = 2_000;

/** Why a server cannot be reached, as far as can be seen from outside. */
export interface Diagnosis {
  readonly reason: string | undefined;
  /** Whether waiting will not help. */
  readonly final: boolean;
}

interface Host {
  readonly address: string;
  readonly port: number;
}

/**
 * Looks what is at the hosts: gRPC tells little more than that there is no connection. The first host of which something
 * can be said is the one that is told of.
 */
export async function diagnosis(settings: ConnectionSettings): Promise<Diagnosis> {
  const found = await Promise.all(settings.hosts.map((host) => diagnosisOf(host, settings)));
  return found.find(({ final }) => final) ?? found.find(({ reason }) => reason) ?? NOTHING_FOUND;
}

const NOTHING_FOUND: Diagnosis = { reason: undefined, final: false };

async function diagnosisOf({ address, port }: Host, settings: ConnectionSettings): Promise<Diagnosis> {
  const host = { address: address.replace(/^\[(.*)\]$/, '$1'), port };
  const here = `${address}:${port}`;
  const unreachable = await failureOf(connectTcp({ host: host.address, port }), 'connect');
  if (unreachable) return { reason: absence(unreachable, address, here), final: false };

  if (!settings.tls) {
    if ((await speaksHttp2(host)) || (await certificateOf(host, settings)) === undefined) return NOTHING_FOUND;
    return { reason: `${here} uses TLS: take tls=false out of the URL`, final: true };
  }
  const certificate = await certificateOf(host, settings);
  if (certificate === undefined) {
    if (!(await speaksHttp2(host))) return NOTHING_FOUND;
    return { reason: `${here} does not use TLS: add ?tls=false to the URL`, final: true };
  }
  if (certificate === 'trusted' || !settings.verifyCertificate) return NOTHING_FOUND;
  return {
    reason: `the certificate of ${here} is not trusted (${certificate}): name the file of its authority by tlsCAFile=, or the host as the certificate does`,
    final: true,
  };
}

function absence({ code, message }: NodeJS.ErrnoException, address: string, here: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${here}: is the server running, and is this its port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host '${address}': check the URL`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${here} does not answer: check the URL and the network`;
    default:
      return `${here} cannot be reached (${message})`;
  }
}

/** 'trusted', or what is the matter with it; `undefined` when the server does not speak TLS. */
async function certificateOf({ address, port }: Host, { caFile }: ConnectionSettings): Promise<string | undefined> {
  const socket = connectTls({
    host: address,
    port,
    servername: /[a-z]/i.test(address) ? address : undefined,
    ca: caFile === undefined ? undefined : readFileSync(caFile),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  let certificate: string | undefined;
  socket.once('secureConnect', () => {
    const { authorizationError: error } = socket as { authorizationError?: Error | string | null };
    certificate = socket.authorized ? 'trusted' : error instanceof Error ? error.message : String(error);
  });
  await failureOf(socket, 'secureConnect');
  return certificate;
}

/** Whether the server speaks HTTP/2 without TLS. */
async function speaksHttp2({ address, port }: Host): Promise<boolean> {
  const session = connectHttp2(`http://${address.includes(':') ? `[${address}]` : address}:${port}`);
  return (await failureOf(session, 'remoteSettings')) === undefined;
}

/** Waits for the event, then lets go. @returns what came instead of it */
function failureOf(
  connection: Pick<Socket, 'once' | 'on' | 'destroy'> | ReturnType<typeof connectHttp2>,
  event: string,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(failed('ETIMEDOUT')), PATIENCE_MS);
    const end = (failure?: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(failure);
      connection.destroy();
    };
    connection.on('error', end);
    connection.once('close', () => end(failed('ECONNRESET')));
    connection.once(event, () => end());
  });
}

function failed(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
