import { Int32, Long } from 'bson';
import { hostname } from 'node:os';
import { MAX_DOCUMENT_BYTES } from '../wire/server-limits.js';
import type { Command } from './command.js';
import { MONGODB_VERSION } from './handshake.js';

const version = MONGODB_VERSION.slice(0, 3).join('.');

export const ping: Command = () => ({});

export const buildInfo: Command = () => ({
  version,
  versionArray: MONGODB_VERSION.map((part) => new Int32(part)),
  gitVersion: 'gesta-dev-servers',
  modules: [],
  bits: new Int32(64),
  debug: false,
  maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
  storageEngines: ['sqlite'],
});

export const serverStatus: Command = (_request, { startedAt, connections, cursors, sessions }) => ({
  host: hostname(),
  version,
  process: 'gesta-dev-servers',
  pid: Long.fromNumber(process.pid),
  uptime: (Date.now() - startedAt.getTime()) / 1_000,
  uptimeMillis: Long.fromNumber(Date.now() - startedAt.getTime()),
  localTime: new Date(),
  connections: { current: new Int32(connections()) },
  metrics: { cursor: { open: { total: Long.fromNumber(cursors.size) } } },
  logicalSessionRecordCache: { activeSessionsCount: new Int32(sessions.size) },
  storageEngine: { name: 'sqlite', persistent: true },
});

export const hostInfo: Command = () => ({
  system: { currentTime: new Date(), hostname: hostname() },
  os: {},
  extra: {},
});

export const connectionStatus: Command = () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } });

export const whatsmyuri: Command = ({ connection }) => ({ you: connection.remote });

/** The shell asks for start-up warnings; there are none. */
export const getLog: Command = ({ body }) => {
  if (body.getLog === '*') return { names: ['global', 'startupWarnings'] };
  return { totalLinesWritten: new Int32(0), log: [] };
};
