import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/**
 * One gRPC service of the server. Its methods ask {@link Access} for the user and the permission of each call, and throw
 * what is refused: the wrappers in `handlers.ts` make the call's error of it.
 */
export interface Service {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
  /** Ends what the service does by itself, and its calls that would go on for ever. */
  close?(): Promise<void>;
}
