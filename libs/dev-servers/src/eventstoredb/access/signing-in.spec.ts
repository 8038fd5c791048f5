import { AccessDeniedError, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { allOf } from '../../../test/all-of.js';
import { as, SecureEventStoreDB } from '../../../test/secure-eventstoredb.js';
import { startEventStoreDB } from '../start-eventstoredb.js';
import { authenticate } from './basic-authentication.js';
import { serverCredentials } from './server-credentials.js';

const cert = readFileSync(new URL('test-certificate/cert.pem', import.meta.url));
const event = () => jsonEvent({ type: 'noted', data: {} });

describe('A server with TLS', () => {
  let secure: SecureEventStoreDB;

  beforeAll(async () => (secure = await SecureEventStoreDB.start()));
  afterAll(() => secure.stop());

  it('has the users admin and ops, who sign in with their connection or with a call', async () => {
    for (const user of ['admin', 'ops']) {
      await secure.client(`${user}:changeit`).appendToStream(`notes-${user}`, event());
      await secure.client().appendToStream(`notes-${user}`, event(), as(user));
      expect(await allOf(secure.client(`${user}:changeit`).readStream(`notes-${user}`))).toHaveLength(2);
    }
  });

  it('prefers the credentials of a call', async () => {
    const operator = secure.client('ops:changeit');
    await expect(allOf(operator.readAll())).rejects.toThrow(AccessDeniedError);
    await allOf(operator.readAll(as('admin')));
  });

  it('does not know other users, nor admin without the password', async () => {
    for (const [user, password] of [
      ['admin', 'wrong'],
      ['ada', 'changeit'],
      ['admin', ''],
    ] as const) {
      const client = secure.client();
      const refused = { type: 'access-denied', code: status.UNAUTHENTICATED };
      await expect(client.appendToStream('notes', event(), as(user, password))).rejects.toMatchObject(refused);
      await expect(allOf(client.readStream('notes', as(user, password)))).rejects.toMatchObject(refused);
    }
  });

  it('does not know them when they append on the stream of appends either', async () => {
    const client = secure.client('admin:wrong');
    await expect(client.appendToStream('notes', event())).rejects.toThrow(AccessDeniedError);
  });

  it('denies everything to calls without a user', async () => {
    const client = secure.client();
    const denied = { type: 'access-denied' };
    await expect(client.appendToStream('notes', event())).rejects.toMatchObject(denied);
    await expect(allOf(client.readStream('notes'))).rejects.toMatchObject(denied);
    await expect(allOf(client.readAll())).rejects.toMatchObject(denied);
    await expect(client.deleteStream('notes')).rejects.toMatchObject(denied);
    await expect(client.tombstoneStream('notes')).rejects.toMatchObject(denied);
    await expect(client.getStreamMetadata('notes')).rejects.toMatchObject(denied);
    await expect(client.listAllPersistentSubscriptions()).rejects.toMatchObject(denied);
  });

  it('lets clients find it by gossip', async () => {
    const { url } = secure.server;
    const client = secure.client('admin:changeit');
    await client.appendToStream('notes-gossip', event());
    const found = EventStoreDBClient.connectionString(
      `${url.replace('esdb://', 'esdb+discover://admin:changeit@')}&tlsCAFile=${encodeURIComponent(new URL('test-certificate/cert.pem', import.meta.url).pathname)}`,
    );
    expect(await allOf(found.readStream('notes-gossip'))).toHaveLength(1);
    await found.dispose();
  });

  it('does not answer on open connections', async () => {
    const client = EventStoreDBClient.connectionString(
      secure.server.url.replace('tls=true', 'tls=false&defaultDeadline=2000'),
    );
    await expect(client.appendToStream('notes', event())).rejects.toThrow('UNAVAILABLE');
    await client.dispose();
  });
});

describe('A server without TLS', () => {
  it('asks nobody for a name, as EventStoreDB with --insecure', async () => {
    const server = await startEventStoreDB();
    const client = EventStoreDBClient.connectionString(server.url);
    await client.appendToStream('$system', event());
    await allOf(client.readAll());
    await client.listAllPersistentSubscriptions();
    await client.dispose();
    await server.stop();
  });
});

describe('The certificate', () => {
  it('has to be PEM', () => {
    expect(() => serverCredentials({ cert: 'none', key: 'none' })).toThrow(TypeError);
  });

  it('has to be the one of the key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(() => serverCredentials({ cert, key })).toThrow('The key does not belong to the certificate');
  });
});

describe('Credentials that cannot be read', () => {
  it.each(['Basic', 'Basic !', 'Bearer abc', 'Basic YWRtaW4', ''])('are refused: "%s"', (authorization) => {
    const metadata = new Metadata();
    metadata.set('authorization', authorization);
    expect(() => authenticate(metadata)).toThrow(expect.objectContaining({ code: status.UNAUTHENTICATED }));
  });
});
