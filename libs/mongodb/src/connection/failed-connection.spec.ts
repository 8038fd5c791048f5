import { StoreUnavailable } from '@gesta/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BSON } from 'mongodb';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MongoConnection } from './mongodb-connection.js';

describe('a MongoDB that cannot be connected to', () => {
  const servers: Server[] = [];
  const listening = async (server: Server) => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const serving = (answer: (socket: Socket, request: Buffer) => void) =>
    listening(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (request) => answer(socket, request));
      }),
    );
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  const refusal = async (url: string) => {
    const parameters = 'serverSelectionTimeoutMS=300&connectTimeoutMS=300';
    const error = await MongoConnection.open(`${url}${url.includes('?') ? '&' : '?'}${parameters}`).then(
      (connection) => connection.close(),
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error!.message).not.toMatch(/\n|secret/);
    return error!.message;
  };

  it('is not there', async () => {
    const address = await serving(() => undefined);
    await new Promise((closed) => servers.pop()!.close(closed));
    expect(await refusal(`mongodb://jo:secret@${address}/shop`)).toMatch(
      /^127\.0\.0\.1:\d+\/shop: no server answers there: start it, or correct host and port in the URL \(/,
    );
  });

  it('has a host that nobody knows', async () => {
    expect(await refusal('mongodb://no-such-host.invalid/shop')).toMatch(/there is no host of that name/);
    expect(await refusal('mongodb+srv://no-such-host.invalid/shop')).toMatch(/there is no host of that name/);
  });

  it('says nothing', async () => {
    const address = await serving(() => undefined);
    expect(await refusal(`mongodb://${address}/shop`)).toMatch(/it does not answer: check the network/);
  });

  it('is something else', async () => {
    const address = await serving((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await refusal(`mongodb://${address}/shop`)).toMatch(/see that it is a MongoDB/);
  });

  it('has no TLS where the URL wants it', async () => {
    const closing = await serving((socket) => socket.destroy());
    const answering = await serving((socket) => socket.end('what?'));
    for (const address of [closing, answering]) {
      expect(await refusal(`mongodb://${address}/shop?tls=true`)).toMatch(/leave tls=true out/);
    }
  });

  it('wants TLS where the URL has none', async () => {
    const server = createTlsServer();
    server.on('tlsClientError', () => undefined);
    expect(await refusal(`mongodb://${await listening(server)}/shop`)).toMatch(/add tls=true if the server wants TLS/);
  });

  it('is too old', async () => {
    const address = await serving((socket, request) =>
      socket.write(answerTo(request, { ...HELLO, maxWireVersion: 8 })),
    );
    expect(await refusal(`mongodb://${address}/shop`)).toMatch(/MongoDB 4\.4 or later is needed/);
  });

  it('does not know the login', async () => {
    const address = await serving((socket, request) => {
      const wrong = { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' };
      socket.write(answerTo(request, /saslStart/.test(request.toString('latin1', 20, 60)) ? wrong : HELLO));
    });
    expect(await refusal(`mongodb://jo:secret@${address}/shop`)).toMatch(
      /the server refuses the login: check user name, password and authSource in the URL$/,
    );
  });

  it('knows no logins at all', async () => {
    const address = await serving((socket, request) => {
      const wrong = { ok: 0, code: 59, codeName: 'CommandNotFound', errmsg: "no such command: 'saslStart'" };
      socket.write(answerTo(request, /saslStart/.test(request.toString('latin1', 20, 60)) ? wrong : HELLO));
    });
    expect(await refusal(`mongodb://jo:secret@${address}/shop`)).toMatch(/leave user and password out of the URL$/);
  });

  it('wants a login where the URL has none', async () => {
    const address = await serving((socket, request) => {
      const wrong = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'Command requires authentication' };
      socket.write(answerTo(request, /listCollections/.test(request.toString('latin1', 20, 60)) ? wrong : HELLO));
    });
    expect(await refusal(`mongodb://${address}/shop`)).toMatch(
      /the login, or being without one, does not open 'shop': give the URL a user with the role readWrite$/,
    );
  });

  it('is a replica set of another name', async () => {
    const hello = { ...HELLO, setName: 'rs1', hosts: ['127.0.0.1:1'], secondary: false };
    const address = await serving((socket, request) => socket.write(answerTo(request, hello)));
    expect(await refusal(`mongodb://${address}/shop?replicaSet=rs0`)).toMatch(
      /the replica set has no primary, or none of its name/,
    );
  });
});

const HELLO = { ok: 1, isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 21 };

/** What a server answers to a handshake: a reply to OP_QUERY, or a message. */
function answerTo(request: Buffer, document: BSON.Document): Buffer {
  const body = Buffer.from(BSON.serialize(document));
  const isMessage = request.readInt32LE(12) === 2013;
  const before = isMessage ? Buffer.alloc(5) : Buffer.alloc(20);
  if (!isMessage) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + before.length + body.length, 0);
  header.writeInt32LE(request.readInt32LE(4), 8);
  header.writeInt32LE(isMessage ? 2013 : 1, 12);
  return Buffer.concat([header, before, body]);
}
