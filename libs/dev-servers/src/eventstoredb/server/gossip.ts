import gossip, { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import { uuidMessage } from './stream-identifier.js';

const TICKS_PER_MILLISECOND = 10_000;

/** A cluster of one: this server, which leads it. */
export function clusterOfOne(instanceId: string, address: string, port: number): ClusterInfo {
  const endPoint = new gossip.EndPoint();
  endPoint.setAddress(address);
  endPoint.setPort(port);
  const member = new gossip.MemberInfo();
  member.setInstanceId(uuidMessage(instanceId, false));
  member.setTimeStamp(String(Date.now() * TICKS_PER_MILLISECOND));
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  const info = new gossip.ClusterInfo();
  info.setMembersList([member]);
  return info;
}
