import type { Metadata } from '@grpc/grpc-js';
import { Unauthenticated } from './refusals.js';
import { ADMINS, OPERATIONS, anonymous, type User } from './user.js';

/** The users EventStoreDB begins with. */
const users: ReadonlyMap<string, { readonly password: string; readonly user: User }> = new Map(
  [
    { name: 'admin', groups: [ADMINS] },
    { name: 'ops', groups: [OPERATIONS] },
  ].map((user) => [user.name, { password: 'changeit', user }]),
);

const BASIC = /^Basic +(?<credentials>[A-Za-z0-9+/]+={0,2})$/i;

/**
 * Finds the user by the `authorization` entry of a call's metadata, which holds basic credentials as in HTTP.
 * @returns the user, or the anonymous one when there is no such entry
 * @throws {Unauthenticated} when the entry cannot be read, the name is not known or the password is not the user's
 */
export function authenticate(metadata: Metadata): User {
  const [authorization] = metadata.get('authorization');
  if (authorization === undefined) return anonymous;
  const encoded = BASIC.exec(authorization.toString())?.groups!['credentials'];
  if (!encoded) throw new Unauthenticated();
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  const known = users.get(credentials.slice(0, Math.max(colon, 0)));
  if (!known || known.password !== credentials.slice(colon + 1)) throw new Unauthenticated();
  return known.user;
}
