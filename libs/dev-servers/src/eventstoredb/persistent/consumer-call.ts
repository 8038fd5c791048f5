import persistent, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import { statusOf } from '../server/handlers.js';
import { invalidArgument } from '../server/rpc-error.js';
import { uuidText } from '../server/stream-identifier.js';
import { Consumer, type Delivery } from './consumer.js';
import { groupDropped, maximumSubscribersReached, type GroupName } from './failures.js';
import { groupNameOf } from './group-requests.js';
import { groupId } from './group-streams.js';
import type { Message } from './message.js';
import { confirmationMessage, eventMessage } from './read-messages.js';
import type { Refused, SubscriptionGroup } from './subscription-group.js';
import type { SubscriptionGroups } from './subscription-groups.js';

export type ReadCall = ServerDuplexStream<ReadReq, ReadResp>;

const { Action } = persistent.ReadReq.Nack;

/** EventStoreDB goes on after a `stop`, too, and takes the message for settled. */
const ACTIONS: Readonly<Record<ReadReq.Nack.Action, Refused>> = {
  [Action.UNKNOWN]: 'retry',
  [Action.RETRY]: 'retry',
  [Action.PARK]: 'park',
  [Action.SKIP]: 'skip',
  [Action.STOP]: 'skip',
};

/** One call by which a client consumes a group's messages, and answers them. */
export class ConsumerCall implements Delivery {
  #name: GroupName | undefined;
  #group: SubscriptionGroup | undefined;
  #consumer: Consumer | undefined;
  #uuidsAsText = false;
  #over = false;

  private constructor(
    private readonly groups: SubscriptionGroups,
    private readonly access: Access,
    private readonly call: ReadCall,
  ) {}

  static serve(groups: SubscriptionGroups, access: Access, call: ReadCall): void {
    const consumerCall = new ConsumerCall(groups, access, call);
    const end = () => consumerCall.#end();
    call.on('data', (request: ReadReq) => consumerCall.#take(request));
    call.on('drain', () => consumerCall.#drained());
    // A client that sends nothing more may still receive: only these end it.
    call.on('cancelled', end).on('close', end).on('error', end);
  }

  send(message: Message): boolean {
    return this.call.write(eventMessage(message, this.#uuidsAsText));
  }

  drop(): void {
    this.#fail(groupDropped(this.#name!));
  }

  #take(request: ReadReq): void {
    if (this.#over) return;
    try {
      const options = request.getOptions();
      if (options && !this.#name) void this.#connect(options).catch((error: unknown) => this.#fail(error));
      else this.#answered(request);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #connect(options: ReadReq.Options): Promise<void> {
    this.#name = groupNameOf(options);
    this.#uuidsAsText = options.getUuidOption()?.hasString() ?? false;
    const user = this.access.userOf(this.call.metadata);
    this.access.toKnownUsers(user);
    this.access.toStream(user, 'read', this.#name.stream);
    const group = await this.groups.find(this.#name);
    if (this.#over) return;
    if (group.isFull) throw maximumSubscribersReached(this.#name);
    this.#consumer = new Consumer(this, {
      bufferSize: options.getBufferSize(),
      userName: user.name,
      connectionName: this.call.metadata.get('connection-name')[0]?.toString() ?? '<unknown>',
      from: this.call.getPeer(),
    });
    this.#group = group;
    this.call.write(confirmationMessage(groupId(this.#name.stream, this.#name.group)));
    group.connect(this.#consumer);
  }

  #answered(request: ReadReq): void {
    const group = this.#group;
    const [ack, nack] = [request.getAck(), request.getNack()];
    if (!group || !(ack || nack)) throw invalidArgument('The first message has to hold the options, others an answer');
    if (ack) group.acknowledge(ack.getIdsList().map(uuidText));
    if (nack) group.refuse(nack.getIdsList().map(uuidText), ACTIONS[nack.getAction()] ?? 'skip', nack.getReason());
  }

  #drained(): void {
    if (this.#consumer) this.#group?.drained(this.#consumer);
  }

  #fail(error: unknown): void {
    if (!this.#over) this.call.emit('error', statusOf(error));
  }

  #end(): void {
    this.#over = true;
    if (this.#consumer) this.#group?.disconnect(this.#consumer);
  }
}
