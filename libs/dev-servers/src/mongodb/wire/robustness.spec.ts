import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deserialize, serialize, type Document } from 'bson';
import fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';
import { liveBuffers } from '../../../test/live-buffers.js';
import { until } from '../../../../core/test/until.js';
import { crc32c } from './crc32c.js';

/** A client that sends whatever it likes. */
class RawClient {
  #received = Buffer.alloc(0);
  #arrived: () => void = () => undefined;
  readonly closed: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#arrived();
    });
  }

  static async to(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** The next answer of the new kind. */
  async answer(): Promise<{ requestId: number; responseTo: number; flags: number; document: Document }> {
    while (this.#received.length < 4 || this.#received.length < this.#received.readInt32LE(0)) {
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
    const size = this.#received.readInt32LE(0);
    const message = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return {
      requestId: message.readInt32LE(4),
      responseTo: message.readInt32LE(8),
      flags: message.readInt32LE(16),
      document: deserialize(message.subarray(21)),
    };
  }
}

function message(opCode: number, body: Uint8Array, requestId = 1): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + body.length, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, body]);
}

function opMsg(flags: number, ...sections: readonly Uint8Array[]): Buffer {
  const bits = Buffer.alloc(4);
  bits.writeUInt32LE(flags);
  return message(2013, Buffer.concat([bits, ...sections]));
}

const command = (document: Document) => Buffer.concat([Buffer.of(0), serialize(document)]);
const PING = { ping: 1, $db: 'admin' };

function sequence(name: string, documents: readonly Document[]): Buffer {
  const payload = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((each) => serialize(each))]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(4 + payload.length);
  return Buffer.concat([Buffer.of(1), size, payload]);
}

describe('the wire', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  const client = () => RawClient.to(mongodb.server.port);

  it('takes messages in whatever pieces they come, several at once too', async () => {
    const raw = await client();
    const ping = opMsg(0, command(PING));
    for (const byte of ping) raw.send(Buffer.of(byte));
    expect((await raw.answer()).document).toEqual({ ok: 1 });
    raw.send(ping, ping, ping.subarray(0, 20));
    await raw.answer();
    expect(await raw.answer()).toMatchObject({ responseTo: 1, document: { ok: 1 } });
    raw.send(ping.subarray(20));
    expect((await raw.answer()).document).toEqual({ ok: 1 });
    raw.socket.destroy();
  });

  it('takes arguments beside the command', async () => {
    const raw = await client();
    const documents = [{ _id: 1, 10: 'ten', a: 1 }, { _id: 2 }];
    raw.send(opMsg(0, sequence('documents', documents), command({ insert: 'things', $db: 'wire' })));
    expect((await raw.answer()).document).toEqual({ n: 2, ok: 1 });
    const updates = [{ q: { _id: 1 }, u: { $set: { b: 1 } } }];
    raw.send(opMsg(0, command({ update: 'things', $db: 'wire' }), sequence('updates', updates)));
    expect((await raw.answer()).document).toEqual({ n: 1, nModified: 1, ok: 1 });
    expect(await mongodb.client.db('wire').collection('things').countDocuments()).toBe(2);
    raw.socket.destroy();
  });

  it('takes a message with the right checksum and hangs up on one with a wrong one', async () => {
    const raw = await client();
    const whole = opMsg(1, command(PING), Buffer.alloc(4));
    whole.writeUInt32LE(crc32c(whole.subarray(0, -4)), whole.length - 4);
    raw.send(whole);
    expect((await raw.answer()).document).toEqual({ ok: 1 });
    whole.writeUInt32LE(1, whole.length - 4);
    raw.send(whole);
    await raw.closed;
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('does not answer who wants no answer', async () => {
    const raw = await client();
    raw.send(opMsg(2, command({ insert: 'things', documents: [{}], $db: 'silent' })), opMsg(0, command(PING)));
    expect((await raw.answer()).document).toEqual({ ok: 1 });
    expect(await mongodb.client.db('silent').collection('things').countDocuments()).toBe(1);
    raw.socket.destroy();
  });

  it('answers the old kind of message that a connection begins with', async () => {
    const raw = await client();
    const prefix = Buffer.concat([Buffer.alloc(4), Buffer.from('admin.$cmd\0'), Buffer.alloc(8)]);
    raw.send(message(2004, Buffer.concat([prefix, serialize({ isMaster: 1, helloOk: true })])));
    const [chunk] = (await once(raw.socket, 'data')) as [Buffer];
    expect(chunk.readInt32LE(12)).toBe(1);
    expect(deserialize(chunk.subarray(36))).toMatchObject({ ismaster: true, helloOk: true, ok: 1, maxWireVersion: 21 });
    raw.socket.destroy();
  });

  it('answers hello only when something changed or the time is up, again and again where that is allowed', async () => {
    const raw = await client();
    raw.send(opMsg(0, command({ hello: 1, $db: 'admin' })));
    const { topologyVersion } = (await raw.answer()).document;
    const awaiting = { hello: 1, topologyVersion, maxAwaitTimeMS: 30, $db: 'admin' };
    const asked = performance.now();
    raw.send(opMsg(1 << 16, command(awaiting)));
    const first = await raw.answer();
    expect(performance.now() - asked).toBeGreaterThan(25);
    expect(first).toMatchObject({ flags: 2, responseTo: 1, document: { isWritablePrimary: true } });
    expect(await raw.answer()).toMatchObject({ flags: 2, responseTo: first.requestId });
    raw.socket.destroy();
  });

  const garbage: [string, Uint8Array][] = [
    ['a length of zero', Buffer.alloc(16)],
    ['a negative length', Buffer.alloc(16, 0xff)],
    ['a length beyond 48 MB', Buffer.from('01a0dc020000000000000000dd070000', 'hex')],
    ['what is another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a kind of message that is gone', message(2001, Buffer.alloc(30))],
    ['a compressed message', message(2012, Buffer.alloc(30))],
    ['a message without a command', opMsg(0, sequence('documents', [{ a: 1 }, { a: 2 }]))],
    ['a message with two commands', opMsg(0, command(PING), command(PING))],
    ['a section of an unknown kind', opMsg(0, Buffer.of(7), serialize(PING))],
    ['a section beyond the end', opMsg(0, Buffer.of(0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0))],
    ['a flag that it must know', opMsg(4, command(PING))],
  ];

  it.each(garbage)('hangs up on %s, and on nobody else', async (_, bytes) => {
    const raw = await client();
    raw.send(bytes);
    await raw.closed;
    expect(await mongodb.client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('refuses a command that is no proper BSON, and goes on', async () => {
    const raw = await client();
    const bad = command(PING);
    bad[5] = 0x7e; // no type
    raw.send(opMsg(0, bad));
    expect((await raw.answer()).document).toMatchObject({ ok: 0, code: 22, codeName: 'InvalidBSON' });
    raw.send(opMsg(0, command(PING)));
    expect((await raw.answer()).document).toEqual({ ok: 1 });
    raw.socket.destroy();
  });

  it('refuses a document that is nested without end', async () => {
    const raw = await client();
    raw.send(opMsg(0, command({ insert: 'deep', documents: [deep(5_000)], $db: 'deep' })));
    const { document } = await raw.answer();
    expect(document.ok === 0 || document.writeErrors?.length === 1).toBe(true);
    raw.socket.destroy();
  });

  it('is not brought down by any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(200), async (noise, at) => {
        const raw = await client();
        const good = opMsg(
          0,
          command({ find: 'things', filter: { a: { $in: [1, 'x', null] } }, limit: 1, $db: 'noise' }),
        );
        const spoiled = Buffer.from(good);
        spoiled.set(noise.subarray(0, Math.max(0, spoiled.length - 16 - at)), Math.min(16 + at, spoiled.length));
        raw.send(spoiled);
        raw.socket.end();
        await raw.closed;
      }),
      { numRuns: 60 },
    );
    expect(await mongodb.client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('lets clients vanish in the middle of what they say and of what they are told', async () => {
    const things = mongodb.client.db('vanish').collection('things');
    await things.insertMany(Array.from({ length: 200 }, () => ({ text: 'x'.repeat(10_000) })));
    const find = opMsg(0, command({ find: 'things', batchSize: 200, $db: 'vanish' }));
    for (let turn = 0; turn < 10; turn++) {
      const raw = await client();
      raw.send(find, find, find.subarray(0, 30));
      raw.socket.resetAndDestroy();
    }
    expect(await things.countDocuments()).toBe(200);
  });

  it('waits for a client that does not read, and serves the others meanwhile', async () => {
    const things = mongodb.client.db('slow').collection('things');
    await things.insertMany(Array.from({ length: 100 }, () => ({ text: 'x'.repeat(50_000) })));
    const raw = await client();
    raw.socket.pause();
    const find = opMsg(0, command({ find: 'things', batchSize: 100, $db: 'slow' }));
    for (let n = 0; n < 30; n++) raw.send(find); // 150 MB of answers, were they all given
    const before = liveBuffers();
    for (let n = 0; n < 30; n++) await things.findOne({});
    await until('little is held', () => liveBuffers() - before < 60_000_000);
    raw.socket.destroy();
  });

  it('says that it does not know a command', async () => {
    await expect(mongodb.client.db('admin').command({ nope: 1 })).rejects.toMatchObject({
      code: 59,
      codeName: 'CommandNotFound',
      message: "no such command: 'nope'",
    });
  });

  it('needs to be told the database', async () => {
    const raw = await client();
    raw.send(opMsg(0, command({ ping: 1 })));
    expect((await raw.answer()).document).toMatchObject({ ok: 0, code: 40571 });
    raw.socket.destroy();
  });
});

function deep(levels: number): Document {
  let document: Document = {};
  for (let level = 0; level < levels; level++) document = { a: document };
  return document;
}
