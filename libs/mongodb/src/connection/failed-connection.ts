import { MongoServerSelectionError } from 'mongodb';
import { serverCode } from './mongodb-errors.js';
import type { ConfiguredClient } from './mongodb-url.js';

/** Ways in which a connection fails, told by the driver's words or codes, and what to do about each. */
const REASONS: readonly (readonly [told: RegExp, reason: (to: Pick<ConfiguredClient, 'tls'>) => string])[] = [
  [
    /reports (maximum|minimum) wire version/i,
    () => 'the server is of a version that the driver does not speak with; MongoDB 4.4 or later is needed',
  ],
  [
    /certificate|self.signed|altname|unable to verify/i,
    () =>
      'its TLS certificate is not trusted: name the authority with tlsCAFile=, and the host as the certificate does',
  ],
  [
    /wrong version number|packet length|secure TLS connection|SSL routines|EPROTO/i,
    () => 'it does not speak TLS as asked: leave tls=true out if the server has no TLS',
  ],
  [/querySrv|ENOTFOUND|EAI_AGAIN|ENODATA/i, () => 'there is no host of that name: correct the host in the URL'],
  [/ECONNREFUSED/i, () => 'no server answers there: start it, or correct host and port in the URL'],
  [
    /ECONNRESET|EPIPE|connection .* closed|socket hang up/i,
    ({ tls }) =>
      tls
        ? 'it closes the connection: leave tls=true out if the server has no TLS'
        : 'it closes the connection: add tls=true if the server wants TLS, and see that it is a MongoDB',
  ],
  [/timed out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i, () => 'it does not answer: check the network and the firewall'],
];

/** Says in one line why a store cannot be opened, and what to do. The login is not shown. */
export function whyNotConnected(error: unknown, configured: Omit<ConfiguredClient, 'client'>): string {
  const { address, database } = configured;
  const code = serverCode(error);
  const said = causesOf(error).map((each) => each.message);
  if (code === 18 || said.some((text) => /authentication failed|auth mechanism/i.test(text))) {
    return `${address}: the server refuses the login: check user name, password and authSource in the URL`;
  }
  if (code === 13) {
    return `${address}: the login, or being without one, does not open '${database}': give the URL a user with the role readWrite`;
  }
  if (hasNoPrimary(error)) {
    return `${address}: the replica set has no primary, or none of its name: check its state, and replicaSet in the URL`;
  }
  if (said.some((text) => /no such command: '?saslStart/i.test(text))) {
    return `${address}: the server knows no logins: leave user and password out of the URL`;
  }
  for (const [told, reason] of REASONS) {
    const text = said.findLast((each) => told.test(each));
    if (text !== undefined) return `${address}: ${reason(configured)} (${oneLine(text)})`;
  }
  return `${address}: ${oneLine(said[0]!)}`;
}

/** The error, what caused it, and what each server was last heard to say. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return error === undefined ? [] : [new Error(String(error))];
  const servers = error instanceof MongoServerSelectionError ? [...(error.reason?.servers.values() ?? [])] : [];
  return [error, ...servers.flatMap((server) => causesOf(server.error ?? undefined)), ...causesOf(error.cause)];
}

/** Servers answer, and none of them may be written to. */
function hasNoPrimary(error: unknown): boolean {
  if (!(error instanceof MongoServerSelectionError) || error.reason?.type !== 'ReplicaSetNoPrimary') return false;
  return [...error.reason.servers.values()].every((server) => server.error === null);
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 200);
