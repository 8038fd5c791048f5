import type { Metadata } from '@grpc/grpc-js';
import type { User } from './user.js';

/** Decides what a call may do. */
export interface Access {
  /**
   * @param metadata the call's
   * @returns the user who makes the call
   * @throws {Unauthenticated} when its credentials are wrong
   */
  userOf(metadata: Metadata): User;
  /**
   * @param stream as the call names it: an ordinary stream, `$all`, or the metadata stream of either
   * @throws {AccessDenied} when the user may not do that with the stream
   */
  toStream(user: User, action: 'read' | 'write' | 'delete', stream: string): void;
  /** @throws {AccessDenied} when the user is neither an administrator nor an operator */
  toManagement(user: User): void;
  /** @throws {AccessDenied} when the call is anonymous */
  toKnownUsers(user: User): void;
}
