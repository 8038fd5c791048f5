import services from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import { credentials } from '@grpc/grpc-js';

/** Runs a scavenge to its end: only then does another one begin. */
export async function scavenged(port: number): Promise<void> {
  const raw = new services.OperationsClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const begin = () =>
    new Promise<string>((resolve, reject) => {
      raw.startScavenge(new operations.StartScavengeReq(), (error, response) =>
        error ? reject(error) : resolve(response.getScavengeId()),
      );
    });
  try {
    const id = await begin();
    while ((await begin()) === id);
  } finally {
    raw.close();
  }
}
