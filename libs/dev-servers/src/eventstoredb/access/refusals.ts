import { status } from '@grpc/grpc-js';
import { RpcError } from '../server/rpc-error.js';

/** The user is known, or nobody in particular, and may not do that. */
export class AccessDenied extends RpcError {
  constructor() {
    super(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
  }
}

/** A user name or a password that is wrong, or credentials that cannot be read. */
export class Unauthenticated extends RpcError {
  constructor() {
    super(status.UNAUTHENTICATED, 'Unauthenticated');
  }
}
