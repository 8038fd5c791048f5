import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and can do to their connections what networks do. */
export class TcpProxy {
  readonly #connections = new Set<{ readonly client: Socket; readonly server: Socket }>();
  /** Bytes that went from the server to the clients. */
  received = 0;
  #held = false;
  #refuses = false;

  private constructor(
    private readonly listener: ReturnType<typeof createServer>,
    readonly port: number,
  ) {}

  /** @param target the port of the server, on this machine */
  static async to(target: number): Promise<TcpProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(listener, (listener.address() as AddressInfo).port);
    listener.on('connection', (client) => proxy.#join(client, target));
    return proxy;
  }

  /** Such as `esdb://127.0.0.1:2113?tls=false`. */
  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  get open(): number {
    return this.#connections.size;
  }

  /** Keeps from the clients what the servers say from now on. */
  holdAnswers(): void {
    this.#held = true;
    for (const { server } of this.#connections) server.pause();
  }

  /** Lets the connections that there are stand still, in both directions, for ever. New ones are well. */
  freeze(): void {
    for (const { client, server } of this.#connections) {
      client.unpipe(server).pause();
      server.removeAllListeners('data').pause();
    }
  }

  /** Breaks all connections; what was held is lost. */
  cut(): void {
    this.#held = false;
    for (const { client, server } of this.#connections) {
      client.destroy();
      server.destroy();
    }
  }

  /** Breaks each new connection until told otherwise. */
  set refuses(refuses: boolean) {
    this.#refuses = refuses;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  #join(client: Socket, target: number): void {
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const server = connect(target, '127.0.0.1');
    const connection = { client, server };
    this.#connections.add(connection);
    const end = () => {
      this.#connections.delete(connection);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    server.on('data', (bytes: Buffer) => {
      this.received += bytes.length;
      if (client.write(bytes)) return;
      server.pause();
      client.once('drain', () => {
        if (!this.#held) server.resume();
      });
    });
    if (this.#held) server.pause();
  }
}
