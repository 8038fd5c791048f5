import { Binary, Int32, UUID } from 'bson';
import { sessionId, SESSION_TIMEOUT_MINUTES } from '../sessions/session-registry.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';

export const startSession: Command = (_request, { sessions }) => {
  const id = new Binary(new UUID().buffer, Binary.SUBTYPE_UUID);
  sessions.use(id.toString('hex'));
  return { id: { id }, timeoutMinutes: new Int32(SESSION_TIMEOUT_MINUTES) };
};

export const refreshSessions: Command = (request, { sessions }) => {
  for (const lsid of Arguments.of(request).array('refreshSessions')) sessions.use(sessionId(lsid));
  return {};
};

/** `endSessions` and `killSessions`: their cursors go with them. */
export const endSessions: Command = (request, { sessions }) => {
  for (const lsid of Arguments.of(request).array(request.name)) sessions.end(sessionId(lsid));
  return {};
};

export const killAllSessions: Command = (_request, { sessions }) => {
  sessions.endAll();
  return {};
};
