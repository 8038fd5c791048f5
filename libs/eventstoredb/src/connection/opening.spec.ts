import { StoreUnavailable } from '@gesta/core';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { status, type ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { anEvent } from '../../test/events.js';
import { FakeServer, notLeader } from '../../test/fake-server.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

jest.setTimeout(30_000);

const folder = join(import.meta.dirname, '../../test/certificate');
const caFile = join(folder, 'cert.pem');
const tls = { cert: readFileSync(caFile, 'utf8'), key: readFileSync(join(folder, 'key.pem'), 'utf8') };

describe('opening the store', () => {
  const ends: (() => unknown)[] = [];
  const started = async (options?: Parameters<typeof startEventStoreDB>[0]): Promise<EventStoreDBServer> => {
    const server = await startEventStoreDB(options);
    ends.push(() => server.stop());
    return server;
  };
  const fake = async (...args: Parameters<typeof FakeServer.start>): Promise<FakeServer> => {
    const server = await FakeServer.start(...args);
    ends.push(() => server.stop());
    return server;
  };

  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const opened = async (url: string, patienceMs = 200): Promise<EventStoreDBEventStore> => {
    const store = await EventStoreDBEventStore.open(url, { patienceMs });
    ends.push(() => store.close());
    return store;
  };
  /** The one line that it says. */
  const refusalOf = async (url: string, patienceMs?: number): Promise<string> => {
    const refusal: unknown = await opened(url, patienceMs).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    const { message } = refusal as Error;
    expect(message).not.toMatch(/secret|changeit|\n/);
    return message;
  };

  it('logs in over TLS with what the URL says', async () => {
    const { port } = await started({ tls });
    const ca = encodeURIComponent(caFile);
    for (const host of ['127.0.0.1', 'localhost']) {
      const store = await opened(`esdb://admin:changeit@${host}:${port}?tlsCAFile=${ca}`);
      expect(await store.append(`test-${host}`, [anEvent()], { expected: 'no-stream' })).toMatchObject({ revision: 0 });
    }
    await opened(`kurrentdb://admin:changeit@127.0.0.1:${port}?tlsVerifyCert=false`);
  });

  it('finds the nodes of a cluster, whichever of them it is told of', async () => {
    const { port } = await started();
    const gone = await freePort();
    for (const url of [`esdb+discover://127.0.0.1:${port}`, `esdb://127.0.0.1:${gone},127.0.0.1:${port}`]) {
      const store = await opened(`${url}?tls=false`, 5_000);
      expect(await store.head()).toMatchObject({ checkpoint: expect.any(String) });
    }
  });

  it('waits for a server that is not there yet', async () => {
    const port = await freePort();
    const opening = opened(`esdb://127.0.0.1:${port}?tls=false`, 10_000);
    await started({ port });
    await (await opening).append('test-1', [anEvent()], { expected: 'no-stream' });
  });

  it('says that nothing listens there', async () => {
    const port = await freePort();
    expect(await refusalOf(`esdb://ann:secret@127.0.0.1:${port}`)).toBe(
      `esdb://127.0.0.1:${port}: nothing listens at 127.0.0.1:${port}: is the server running, and is this its port?`,
    );
  });

  it('says that there is no such host', async () => {
    expect(await refusalOf('esdb://nowhere.invalid:2113?tls=false')).toContain("there is no host 'nowhere.invalid'");
  });

  it('says at once that the server uses no TLS, or that it does', async () => {
    const { port: open } = await started();
    expect(await refusalOf(`esdb://127.0.0.1:${open}`, 60_000)).toBe(
      `esdb://127.0.0.1:${open}: 127.0.0.1:${open} does not use TLS: add ?tls=false to the URL`,
    );
    const { port: secure } = await started({ tls });
    expect(await refusalOf(`esdb://127.0.0.1:${secure}?tls=false`, 60_000)).toBe(
      `esdb://127.0.0.1:${secure}: 127.0.0.1:${secure} uses TLS: take tls=false out of the URL`,
    );
  });

  it('says at once what is wrong with the certificate', async () => {
    const { port } = await started({ tls });
    expect(await refusalOf(`esdb://admin:changeit@127.0.0.1:${port}`, 60_000)).toMatch(
      /is not trusted \(.*SELF_SIGNED.*\): name the file of its authority by tlsCAFile=/,
    );
  });

  it('says that a file is not there', async () => {
    await expect(opened('esdb://127.0.0.1:1?tlsCAFile=nowhere.pem')).rejects.toThrow(/tlsCAFile names .*nowhere.pem/);
    await expect(opened('esdb://127.0.0.1:1?userCertFile=a.pem')).rejects.toThrow('belong together');
  });

  it('says at once that the login is wrong, or missing, or may not read the log', async () => {
    const { port } = await started({ tls });
    const at = (login: string) => `esdb://${login}127.0.0.1:${port}?tlsCAFile=${encodeURIComponent(caFile)}`;
    expect(await refusalOf(at('admin:secret@'), 60_000)).toMatch(
      /denies access: it does not know this login; check the user and the password in the URL$/,
    );
    expect(await refusalOf(at('ops:changeit@'), 60_000)).toMatch(
      /denies access to \$all: make its user a member of \$admins, or let it read \$all by the metadata \(\$acl\) of the stream \$all$/,
    );
    expect(await refusalOf(at(''), 60_000)).toMatch(/asks for a login: put it into the URL/);
  });

  it('says that the server is too old, or none of this kind', async () => {
    const old = await fake('22.10.5.0');
    expect(await refusalOf(old.url, 60_000)).toMatch(
      /is EventStoreDB 22\.10\.5\.0; Gesta needs EventStoreDB 23\.10 or/,
    );
    const silent = await fake(undefined);
    expect(await refusalOf(silent.url, 60_000)).toMatch(
      /does not tell its version; Gesta needs EventStoreDB 23\.10 or/,
    );
  });

  it('takes later versions, whatever they are called', async () => {
    for (const version of ['23.10.0.0', '24.2.0', '24.10.1-ee', '25.0.0.1673', '26.1.0+abc']) {
      const read = (call: ServerWritableStream<ReadReq, ReadResp>) => call.end();
      await opened((await fake(version, { read })).url);
    }
  });

  it('goes over to the leader when it is told of one', async () => {
    const { port } = await started();
    const follower = await fake('23.10.0', {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => call.emit('error', notLeader(port)),
    });
    const store = await opened(follower.url, 5_000);
    expect(await store.append('test-1', [anEvent()], { expected: 'no-stream' })).toMatchObject({ revision: 0 });
  });

  it('asks the leader, unless the URL prefers others', async () => {
    const asked: unknown[] = [];
    const server = await fake('23.10.0', {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => {
        asked.push(call.metadata.get('requires-leader')[0]);
        call.end();
      },
    });
    await opened(server.url);
    await opened(`${server.url}&nodePreference=follower`);
    expect(asked).toEqual(['true', undefined]);
  });

  it('shows what else a server says, in one line', async () => {
    const server = await fake('23.10.0', {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) =>
        call.emit('error', { code: status.INTERNAL, details: 'the disk\nis on fire' }),
    });
    expect(await refusalOf(server.url)).toBe(`esdb://127.0.0.1:${server.port}: the disk is on fire`);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
