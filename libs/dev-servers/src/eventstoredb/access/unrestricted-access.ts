import type { Access } from './access.js';
import { anonymous } from './user.js';

/** Everybody may do everything and nobody is asked for a name, as EventStoreDB has it with `--insecure`. */
export const unrestrictedAccess: Access = {
  userOf: () => anonymous,
  toStream: () => {},
  toManagement: () => {},
  toKnownUsers: () => {},
};
