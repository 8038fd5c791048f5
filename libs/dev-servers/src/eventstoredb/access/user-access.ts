import type { Metadata } from '@grpc/grpc-js';
import { ALL, type EventLog } from '../log/event-log.js';
import { isMetastream, originalOfMetastream } from '../log/stream-names.js';
import { metadataText } from '../log/stream-settings.js';
import type { Access } from './access.js';
import { EVERYBODY, accessControlListIn, everythingFor, type StreamAction } from './access-control-list.js';
import { authenticate } from './basic-authentication.js';
import { AccessDenied } from './refusals.js';
import { ADMINS, anonymous, isAdmin, isOperator, type User } from './user.js';

const SETTINGS = '$settings';

const userStreams = everythingFor(EVERYBODY);
const systemStreams = everythingFor(ADMINS);

/**
 * Access as EventStoreDB grants it when it runs with TLS: nothing to calls without a user, everything to administrators,
 * and to others what the lists in a stream's metadata, in `$settings` and its own defaults say, in this order.
 */
export class UserAccess implements Access {
  /** @param log where the lists are */
  constructor(private readonly log: EventLog) {}

  userOf(metadata: Metadata): User {
    return authenticate(metadata);
  }

  toStream(user: User, action: 'read' | 'write' | 'delete', stream: string): void {
    this.toKnownUsers(user);
    if (stream === ALL && action !== 'read') throw new AccessDenied();
    if (!isMetastream(stream)) return this.#check(user, action, stream);
    // Metadata goes when its stream does.
    if (action === 'delete') throw new AccessDenied();
    return this.#check(user, action === 'read' ? 'metadataRead' : 'metadataWrite', originalOfMetastream(stream));
  }

  toManagement(user: User): void {
    if (!isOperator(user)) throw new AccessDenied();
  }

  toKnownUsers(user: User): void {
    if (user === anonymous) throw new AccessDenied();
  }

  #check(user: User, action: StreamAction, stream: string): void {
    if (isAdmin(user)) return;
    const isGranted = (role: string) => role === EVERYBODY || role === user.name || user.groups.includes(role);
    if (!this.#rolesFor(action, stream).some(isGranted)) throw new AccessDenied();
  }

  #rolesFor(action: StreamAction, stream: string): readonly string[] {
    const isSystemStream = stream.startsWith('$');
    return (
      accessControlListIn(this.log.metadataOf(stream)?.['$acl'])[action] ??
      accessControlListIn(this.#settings()[isSystemStream ? '$systemStreamAcl' : '$userStreamAcl'])[action] ??
      (isSystemStream ? systemStreams : userStreams)[action]
    );
  }

  #settings(): Record<string, unknown> {
    const page = this.log.readStream(SETTINGS, { from: 'end', backwards: true, limit: 1 });
    const newest = page.status === 'found' ? page.events[0]?.event : undefined;
    return JSON.parse((newest && metadataText(newest.data)) ?? '{}') as Record<string, unknown>;
  }
}
