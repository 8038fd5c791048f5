import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A stretch of network to a port of this machine: it can be cut, stand still, take its time, or lead somewhere else. */
export class Link {
  private readonly pairs = new Set<readonly [client: Socket, server: Socket]>();
  private isStill = false;
  private isCut = false;
  private lateMs = 0;

  private constructor(
    private readonly listener: Server,
    private target: number,
  ) {}

  static async to(target: number): Promise<Link> {
    const listener = createServer();
    const link = new Link(listener, target);
    listener.on('connection', (client) => link.join(client));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    return link;
  }

  /** The port of its near end. */
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Leads to another port from now on; what is open breaks. */
  leadTo(target: number): void {
    this.target = target;
    this.breakAll();
  }

  /** Breaks every connection, and every one that comes, until it is mended. */
  cut(): void {
    this.isCut = true;
    this.breakAll();
  }

  /**
   * Carries nothing on the connections that are open, as if the other end stood still; nobody is told.
   * @param allOfThem also on those that come, until it is mended
   */
  standStill(allOfThem: boolean): void {
    this.isStill = allOfThem;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** From now on, each way takes so much longer, in milliseconds. */
  takesLonger(ms: number): void {
    this.lateMs = ms;
  }

  /** Carries again, at once, also what stood still. */
  mend(): void {
    this.isStill = this.isCut = false;
    this.lateMs = 0;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.breakAll();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private breakAll(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  private join(client: Socket): void {
    if (this.isCut) return void client.destroy();
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      this.carry(from, to);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
      if (this.isStill) from.pause();
    }
  }

  /** In order, however late each part is; and no more than the other end takes. */
  private carry(from: Socket, to: Socket): void {
    let before = Promise.resolve();
    const write = (bytes: Buffer) => {
      if (to.destroyed || to.write(bytes) || this.isStill) return;
      from.pause();
      to.once('drain', () => this.isStill || from.resume());
    };
    from.on('data', (bytes: Buffer) => {
      const late = this.lateMs > 0 ? delay(this.lateMs) : undefined;
      before = before.then(() => late).then(() => write(bytes));
    });
    from.on('end', () => void before.then(() => to.end()));
  }
}
