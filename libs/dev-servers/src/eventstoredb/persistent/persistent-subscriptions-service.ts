import services, { type IPersistentSubscriptionsServer } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistent, { type ListReq, type ListResp } from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import { ALL, type EventLog } from '../log/event-log.js';
import { unary } from '../server/handlers.js';
import { invalidArgument } from '../server/rpc-error.js';
import type { Service } from '../server/service.js';
import { streamIdOf } from '../server/stream-identifier.js';
import { ConsumerCall } from './consumer-call.js';
import { groupDoesNotExist, groupFailed } from './failures.js';
import { creationOf, groupNameOf, updateOf } from './group-requests.js';
import { infoMessage } from './info-messages.js';
import { SubscriptionGroups } from './subscription-groups.js';

/** The service `PersistentSubscriptions`: manages groups, and delivers to their consumers. */
export function persistentSubscriptionsService(log: EventLog, access: Access): Service {
  const groups = new SubscriptionGroups(log);
  const manager = (call: ServerUnaryCall<unknown, unknown>) => {
    const user = access.userOf(call.metadata);
    access.toManagement(user);
    return user.name;
  };
  const reader = (call: ServerUnaryCall<unknown, unknown>) => access.toKnownUsers(access.userOf(call.metadata));
  const implementation: IPersistentSubscriptionsServer = {
    create: unary(async (call) => {
      const user = manager(call);
      await groups.create(creationOf(call.request), user);
      return new persistent.CreateResp();
    }),
    update: unary(async (call) => {
      const user = manager(call);
      await groups.update(updateOf(call.request), user);
      return new persistent.UpdateResp();
    }),
    delete: unary(async (call) => {
      const user = manager(call);
      await groups.delete(groupNameOf(call.request.getOptions()), user);
      return new persistent.DeleteResp();
    }),
    read: (call) => ConsumerCall.serve(groups, access, call),
    getInfo: unary(async (call) => {
      reader(call);
      const group = await groups.find(groupNameOf(call.request.getOptions()));
      return new persistent.GetInfoResp().setSubscriptionInfo(infoMessage(group));
    }),
    list: unary((call) => {
      reader(call);
      return listOf(groups, call.request);
    }),
    replayParked: unary(async (call) => {
      manager(call);
      const options = call.request.getOptions();
      const name = groupNameOf(options);
      const group = await groups.find(name);
      const stopAt = options!.hasStopAt() ? Number(options!.getStopAt()) : undefined;
      if (stopAt !== undefined && stopAt < 0) {
        throw groupFailed(name, 'Cannot stop replaying parked message at a negative version.');
      }
      group.replayParked(stopAt);
      return new persistent.ReplayParkedResp();
    }),
    restartSubsystem: unary(async (call) => {
      manager(call);
      await groups.restart();
      return new shared.Empty();
    }),
  };
  return { definition: services.PersistentSubscriptionsService, implementation, close: () => groups.close() };
}

/** @throws {RpcError} when the groups of a stream are wanted and it has none */
async function listOf(groups: SubscriptionGroups, request: ListReq): Promise<ListResp> {
  const options = request.getOptions();
  if (!options) throw invalidArgument('The options are missing');
  const all = await groups.list();
  const ofStream = options.getListForStream();
  if (!ofStream) return new persistent.ListResp().setSubscriptionsList(all.map(infoMessage));
  const stream = ofStream.hasAll() ? ALL : streamIdOf(ofStream.getStream());
  const found = all.filter((group) => group.source.name === stream);
  if (found.length === 0) throw groupDoesNotExist({ stream, group: '' });
  return new persistent.ListResp().setSubscriptionsList(found.map(infoMessage));
}
