import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
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
    const [isPlain, certificate] = await Promise.all([speaksHttp2(host), certificateOf(host, settings)]);
    if (isPlain) return NOTHING_FOUND;
    if (certificate === undefined) return { reason: await otherThing(host, here), final: false };
    return { reason: `${here} uses TLS: take tls=false out of the URL`, final: true };
  }
  const [isPlain, certificate] = await Promise.all([speaksHttp2(host), certificateOf(host, settings)]);
  if (certificate === undefined) {
    if (!isPlain) return { reason: await otherThing(host, here), final: false };
    return { reason: `${here} does not use TLS: add ?tls=false to the URL`, final: true };
  }
  if (certificate === 'trusted' || !settings.verifyCertificate) return NOTHING_FOUND;
  return { reason: distrust(here, certificate), final: true };
}

/** What something is that speaks no HTTP/2, as far as it tells. */
async function otherThing(host: Host, here: string): Promise<string> {
  const answer = await firstBytesOf(host);
  if (answer === '')
    return `what listens at ${here} does not answer: is that the port of EventStoreDB, and is it well?`;
  const speaks = answer.startsWith('SSH-') ? 'SSH' : answer.startsWith('HTTP/1') ? 'HTTP/1' : 'something else';
  return `what listens at ${here} speaks ${speaks}, and not EventStoreDB's protocol, gRPC over HTTP/2: check the host and the port`;
}

/** What comes when somebody begins to speak HTTP/2 there; empty where nothing does in time. */
function firstBytesOf({ address, port }: Host): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: address, port }, () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    const end = (said = '') => {
      clearTimeout(timer);
      socket.destroy();
      resolve(said);
    };
    const timer = setTimeout(end, PATIENCE_MS / 2);
    socket.once('data', (bytes) => end(bytes.toString('latin1')));
    socket.on('error', () => end()).on('close', () => end());
  });
}

function distrust(here: string, code: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${here} has expired: renew it on the server`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${here} is not valid yet: check the clocks, or the certificate`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${here} is for another host: name the host in the URL as the certificate does`;
    default:
      return `the certificate of ${here} is not trusted (${code}): name the file of its authority by tlsCAFile=, or the host as the certificate does`;
  }
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
    servername: isIP(address) === 0 ? address : undefined,
    ca: caFile === undefined ? undefined : readFileSync(caFile),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  let certificate: string | undefined;
  socket.once('secureConnect', () => {
    const { authorizationError: error } = socket as { authorizationError?: Error | string | null };
    const { code } = (error ?? {}) as { code?: unknown };
    certificate = socket.authorized
      ? 'trusted'
      : typeof code === 'string'
        ? code
        : error instanceof Error
          ? error.message
          : String(error);
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
