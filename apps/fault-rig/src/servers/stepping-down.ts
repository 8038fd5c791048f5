import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { refusal, WireMessages, type WireMessage } from './wire-messages.js';

/** What members answer whatever they are. */
const ALWAYS_ANSWERED = new Set(['hello', 'isMaster', 'ismaster', 'ping', 'buildInfo', 'endSessions']);

/**
 * Stands before a MongoDB that may step down, as the primary of a replica set does when another one is elected: what is
 * under way is interrupted, and nobody is told whether it was done; then nothing is taken until there is a primary again.
 */
export class SteppingDown {
  private isPrimary = true;
  /** Commands under way, by connection and request. */
  private readonly underWay = new Map<Socket, Map<number, WireMessage>>();
  /** The last one that was interrupted, by connection: its answer is not to be heard. */
  private readonly interrupted = new WeakMap<Socket, Set<number>>();

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {}

  static async before(target: number): Promise<SteppingDown> {
    const listener = createServer();
    const proxy = new SteppingDown(listener, target);
    listener.on('connection', (client) => proxy.join(client));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** @returns how many commands were interrupted */
  stepDown(): number {
    this.isPrimary = false;
    let interrupted = 0;
    for (const [client, commands] of this.underWay) {
      for (const command of commands.values()) {
        this.interrupted.get(client)!.add(command.requestId);
        client.write(refusal(command, 11602, 'InterruptedDueToReplStateChange', 'operation was interrupted'));
        interrupted++;
      }
      commands.clear();
    }
    return interrupted;
  }

  /** There is a primary again. */
  stepUp(): void {
    this.isPrimary = true;
  }

  async close(): Promise<void> {
    for (const client of this.underWay.keys()) client.destroy();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private join(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const [asked, answered] = [new WireMessages(), new WireMessages()];
    const commands = new Map<number, WireMessage>();
    const unheard = new Set<number>();
    this.underWay.set(client, commands);
    this.interrupted.set(client, unheard);
    client.on('data', (bytes: Buffer) => {
      for (const message of asked.push(bytes)) {
        const { command } = message;
        if (command === undefined || ALWAYS_ANSWERED.has(command)) server.write(message.bytes);
        else if (!this.isPrimary) client.write(refusal(message, 10107, 'NotWritablePrimary', 'not primary'));
        else {
          commands.set(message.requestId, message);
          server.write(message.bytes);
        }
      }
    });
    server.on('data', (bytes: Buffer) => {
      for (const { responseTo, bytes: answer } of answered.push(bytes)) {
        commands.delete(responseTo);
        if (!unheard.delete(responseTo)) client.write(answer);
      }
    });
    const over = () => {
      this.underWay.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', over).on('close', over);
  }
}
