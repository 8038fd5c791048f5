import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A stretch of network to a server on this machine, which can be cut, or carry nothing for a while. */
export class Link {
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();
  #state: 'up' | 'silent' | 'cut' = 'up';

  /** @param port of the server */
  static async to(port: number): Promise<Link> {
    const listener = createServer();
    const link = new Link(listener, port);
    listener.on('connection', (client) => link.#accept(client));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    return link;
  }

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {}

  /** The port at its near end. */
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Breaks every connection, and every one that comes. */
  cut(): void {
    this.#state = 'cut';
    this.#breakAll();
  }

  /** Carries nothing in either direction, as if the server had been paused; nobody is told. */
  silence(): void {
    this.#state = 'silent';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  restore(): void {
    this.#state = 'up';
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    this.#breakAll();
    this.listener.close();
    await once(this.listener, 'close');
  }

  #breakAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  #accept(client: Socket): void {
    if (this.#state === 'cut') {
      client.destroy();
      return;
    }
    const server = connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client]] as const) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#state === 'silent') from.pause();
    }
  }
}
