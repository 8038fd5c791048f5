import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Link } from './link.js';

/** Answers whatever it is sent, with its name before it. */
async function echo(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (text) => socket.write(`${name} ${String(text)}`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('A link to a server', () => {
  let servers: Server[];
  let link: Link;
  let sockets: Socket[];

  beforeEach(async () => {
    servers = [await echo('one'), await echo('other')];
    link = await Link.to(portOf(servers[0]!));
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await link.close();
    for (const server of servers) server.close();
  });

  const open = async () => {
    const socket = connect(link.port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const answered = async (socket: Socket, text: string) => {
    socket.write(text);
    return String((await once(socket, 'data'))[0]);
  };

  it('carries what is said, both ways', async () => {
    expect(await answered(await open(), 'hello')).toBe('one hello');
  });

  it('leads to another server, and breaks what was open', async () => {
    const socket = await open();
    await answered(socket, 'hello');
    const closed = once(socket, 'close');
    link.leadTo(portOf(servers[1]!));
    await closed;
    expect(await answered(await open(), 'hello')).toBe('other hello');
  });

  it('carries nothing on what is open while it stands still, and all of it later', async () => {
    const socket = await open();
    await answered(socket, 'hello');
    link.standStill(false);
    const answer = answered(socket, 'again');
    expect(await answered(await open(), 'new')).toBe('one new'); // a later one came through: the other did not
    expect(socket.bytesRead).toBe('one hello'.length);
    link.mend();
    expect(await answer).toBe('one again');
  });

  it('breaks whatever comes while it is cut', async () => {
    const socket = await open();
    await answered(socket, 'hello');
    const closed = once(socket, 'close');
    link.cut();
    await closed;
    const late = connect(link.port, '127.0.0.1').on('error', () => undefined);
    await once(late, 'close');
    link.mend();
    expect(await answered(await open(), 'hello')).toBe('one hello');
  });

  it('takes longer, and keeps the order', async () => {
    const socket = await open();
    link.takesLonger(30);
    const began = performance.now();
    socket.write('first');
    link.takesLonger(1);
    const answer = once(socket, 'data');
    socket.write(' second');
    expect(String((await answer)[0])).toMatch(/^one first/);
    expect(performance.now() - began).toBeGreaterThan(1);
  });
});
