import { once } from 'node:events';
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What a stream may be called, as it stands in a message. */
const NAMES = /[a-z][a-zA-Z0-9.-]{5,}/g;
const WINDOW_BYTES = 2 ** 26;

/**
 * Stands before an EventStoreDB whose reads lag behind its writer, as those of a real one do: what is written counts at
 * once, and is shown when it has been indexed and replicated. A stream that has just begun is not found by any read for so
 * long, while the writer knows of it.
 */
export class LateBeginnings {
  /** How long the beginning of a stream is not shown, in milliseconds. */
  lagMs = 0;
  /** When the streams that have begun are shown. */
  private readonly shownAt = new Map<string, number>();
  /** Those of clients, each with its own to the server. */
  private readonly sessions = new Map<Http2Session, ClientHttp2Session>();

  /** @param names of the streams that may lag */
  private constructor(
    private readonly listener: Http2Server,
    private readonly target: number,
    private readonly names: RegExp,
  ) {}

  static async before(target: number, names: RegExp): Promise<LateBeginnings> {
    const listener = createServer();
    const late = new LateBeginnings(listener, target, names);
    listener.on('session', (session) => late.know(session));
    listener.on('stream', (stream, headers) => late.pass(stream, headers));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    return late;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  close(): void {
    for (const session of this.sessions.keys()) session.destroy();
    this.listener.close();
  }

  private know(session: Http2Session): void {
    const server = connect(`http://127.0.0.1:${this.target}`);
    this.sessions.set(session, server);
    // A stream that is not read is not to keep the others of its connection from being.
    session.setLocalWindowSize(WINDOW_BYTES);
    server.once('connect', () => server.setLocalWindowSize(WINDOW_BYTES));
    server.on('error', () => undefined).on('close', () => session.destroy());
    session.on('error', () => undefined);
    session.on('close', () => {
      this.sessions.delete(session);
      server.destroy();
    });
  }

  private pass(client: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const path = headers[':path'] ?? '';
    const session = this.sessions.get(client.session!);
    if (!session || session.destroyed) return void client.close();
    const own = Object.entries(headers).filter(([name]) => !name.startsWith(':') && name !== 'connection');
    const server = session.request({ ':method': headers[':method'], ':path': path, ...Object.fromEntries(own) });
    let trailers: IncomingHttpHeaders = {};
    const over = () => {
      if (!client.destroyed) client.close();
      if (!server.destroyed) server.close();
    };
    client.on('data', (bytes: Buffer) => {
      if (server.write(this.seen(path, bytes))) return;
      client.pause();
      server.once('drain', () => client.resume());
    });
    client
      .on('end', () => server.end())
      .on('error', over)
      .on('aborted', over);
    server.on('response', (answer, flags) => {
      if (client.destroyed) return;
      const isAll = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      client.respond(answer, isAll ? { endStream: true } : { waitForTrailers: true });
    });
    server.on('trailers', (late) => (trailers = late));
    server.on('data', (bytes: Buffer) => {
      if (client.destroyed || client.write(bytes)) return;
      server.pause();
      client.once('drain', () => server.resume());
    });
    server.on('end', () => client.destroyed || client.writableEnded || client.end());
    server.on('error', over).on('close', () => client.destroyed || client.writableEnded || client.close());
    client.on('wantTrailers', () => client.sendTrailers(trailers));
  }

  /** The message as the server is to have it: a read of what is not shown yet asks for a stream that there is not. */
  private seen(path: string, bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    const names = text.match(NAMES)?.filter((name) => this.names.test(name)) ?? [];
    if (names.length === 0) return bytes;
    const now = performance.now();
    if (path.endsWith('Append')) {
      for (const name of names) if (!this.shownAt.has(name)) this.shownAt.set(name, now + this.lagMs);
    }
    if (!path.endsWith('.Streams/Read')) return bytes;
    const hidden = names.filter((name) => (this.shownAt.get(name) ?? 0) > now);
    const asked = hidden.reduce((all, name) => all.replaceAll(name, 'x'.repeat(name.length)), text);
    return Buffer.from(asked, 'latin1');
  }
}
