import { StoreUnavailable } from '@gesta/core';
import { startEventStoreDB } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOf, anEvent } from '../../test/events.js';
import { TcpProxy } from '../../test/tcp-proxy.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';
import { connectionSettings } from './connection-url.js';
import { pemFiles } from './pem-files.js';

jest.setTimeout(40_000);

const certificate = join(import.meta.dirname, '../../test/certificate');

const CHECK = "and not EventStoreDB's protocol, gRPC over HTTP/2: check the host and the port";

describe('what is no EventStoreDB, or does not answer', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const listening = async (server: Server): Promise<number> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  const refusalOf = async (url: string, patienceMs: number): Promise<string> => {
    const refusal: unknown = await EventStoreDBEventStore.open(url, { patienceMs }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    return (refusal as Error).message;
  };

  it.each([
    ['says nothing', () => createServer(), 'does not answer: is that the port of EventStoreDB, and is it well?'],
    ['speaks SSH', () => createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')), `speaks SSH, ${CHECK}`],
    ['speaks HTTP/1', () => createHttp((_, response) => response.end('hello')) as Server, `speaks HTTP/1, ${CHECK}`],
    ['is SMTP', () => createServer((socket) => socket.write('220 hello\r\n')), `speaks something else, ${CHECK}`],
  ])('is given up within the patience, in one sentence, when it %s', async (_, server, said) => {
    const port = await listening(server());
    const before = performance.now();
    expect(await refusalOf(`esdb://ann:secret@127.0.0.1:${port}?tls=false`, 1_500)).toBe(
      `esdb://127.0.0.1:${port}: what listens at 127.0.0.1:${port} ${said}`,
    );
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('is left for another connection when it stands still', async () => {
    const server = await startEventStoreDB();
    ends.push(() => server.stop());
    const proxy = await TcpProxy.to(server.port);
    ends.push(() => proxy.close());
    const store = await EventStoreDBEventStore.open(proxy.url, { patienceMs: 20_000 });
    ends.push(() => store.close());
    await store.append('test-1', [anEvent()], { expected: 'no-stream' });
    proxy.freeze();
    const appended = store.append('test-2', [anEvent()], { expected: 'no-stream' });
    expect(store.oldestWaiting()).toBeGreaterThanOrEqual(0);
    expect(await appended).toMatchObject({ revision: 0 });
    expect(await allOf(store.readStream('test-2'))).toHaveLength(1);
    expect(store.oldestWaiting()).toBe(0);
  });
});

describe('the files that a URL names', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gesta-pem-'));
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'empty.pem'), '');
    await writeFile(join(folder, 'text.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refusalOf = (options: Record<string, string>): string => {
    try {
      pemFiles(connectionSettings(`esdb://db?${new URLSearchParams(options).toString()}`));
      return '';
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return (error as Error).message;
    }
  };

  it('are what they should be, or it is said which is not, and how it should be', () => {
    const [cert, key] = [join(certificate, 'cert.pem'), join(certificate, 'key.pem')];
    expect(refusalOf({ tlsCAFile: cert, userCertFile: cert, userKeyFile: key })).toBe('');
    for (const [name, reason] of [
      ['folder', 'which is a folder: name the file in it'],
      ['empty.pem', 'which holds no certificate: it is a PEM file'],
      ['text.pem', 'which holds no certificate: it is a PEM file'],
      ['none.pem', 'which is not there'],
    ] as const) {
      const file = join(folder, name);
      expect(refusalOf({ tlsCAFile: file })).toContain(`tlsCAFile names ${file}, ${reason}`);
      expect(refusalOf({ userCertFile: file, userKeyFile: key })).toContain(`userCertFile names ${file}, ${reason}`);
    }
    expect(refusalOf({ userCertFile: cert, userKeyFile: cert })).toMatch(/holds no private key that can be read/);
    expect(refusalOf({ userCertFile: cert })).toContain('belong together');
  });
});
