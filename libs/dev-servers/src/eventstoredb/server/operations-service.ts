import services from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations, {
  type ScavengeResp,
  type StartScavengeReq,
  type StopScavengeReq,
} from '@eventstore/db-client/generated/operations_pb.js';
import { status, type ServerUnaryCall } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.js';
import type { EventLog } from '../log/event-log.js';
import { unary } from './handlers.js';
import { RpcError } from './rpc-error.js';
import type { Service } from './service.js';

const { STARTED, INPROGRESS, STOPPED } = operations.ScavengeResp.ScavengeResult;

interface Scavenge {
  readonly id: string;
  readonly stopping: AbortController;
  readonly done: Promise<unknown>;
}

/** The service `Operations`, of which there is scavenging; the other calls are refused as not implemented. */
export function operationsService(log: EventLog, access: Access): Service {
  let running: Scavenge | undefined;

  const start = (call: ServerUnaryCall<StartScavengeReq, ScavengeResp>) => {
    access.toManagement(access.userOf(call.metadata));
    if (running) return response(running.id, INPROGRESS);
    const id = randomUUID();
    const stopping = new AbortController();
    const done = log
      .scavenge(stopping.signal)
      .catch(() => {}) // the disk is full or the log is closed: what was not removed stays for the next time
      .then(() => (running = undefined));
    running = { id, stopping, done };
    return response(id, STARTED);
  };

  const stop = (call: ServerUnaryCall<StopScavengeReq, ScavengeResp>) => {
    access.toManagement(access.userOf(call.metadata));
    const id = call.request.getOptions()?.getScavengeId() ?? '';
    if (running?.id !== id) throw scavengeNotFound(id);
    running.stopping.abort();
    return response(id, STOPPED);
  };

  return {
    definition: services.OperationsService,
    implementation: { startScavenge: unary(start), stopScavenge: unary(stop) },
    close: async () => {
      running?.stopping.abort();
      await running?.done;
    },
  };
}

function response(id: string, result: ScavengeResp.ScavengeResult): ScavengeResp {
  const response = new operations.ScavengeResp();
  response.setScavengeId(id);
  response.setScavengeResult(result);
  return response;
}

function scavengeNotFound(id: string): RpcError {
  return new RpcError(status.NOT_FOUND, 'Scavenge id was invalid.', {
    exception: 'scavenge-not-found',
    'scavenge-id': id,
  });
}
