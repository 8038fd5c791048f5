import { AccessDeniedError, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allOf } from '../../../test/all-of.js';
import { as, SecureEventStoreDB } from '../../../test/secure-eventstoredb.js';

const event = () => jsonEvent({ type: 'noted', data: {} });

describe('Access to streams', () => {
  let secure: SecureEventStoreDB;
  let admin: EventStoreDBClient;
  let ops: EventStoreDBClient;

  beforeAll(async () => {
    secure = await SecureEventStoreDB.start();
    admin = secure.client('admin:changeit');
    ops = secure.client('ops:changeit');
  });
  afterAll(() => secure.stop());

  const denied = { type: 'access-denied', code: status.PERMISSION_DENIED };
  const read = (client: EventStoreDBClient, stream: string) => allOf(client.readStream(stream));
  /** The first thing that a subscription says. */
  const subscribed = (client: EventStoreDBClient, stream: string) => {
    const subscription = stream === '$all' ? client.subscribeToAll() : client.subscribeToStream(stream);
    return new Promise<void>((resolve, reject) => {
      subscription.on('confirmation', resolve).on('error', reject);
    }).finally(() => subscription.unsubscribe());
  };

  it('is free for all users where nothing is said', async () => {
    await ops.appendToStream('notes-1', event());
    expect(await read(ops, 'notes-1')).toHaveLength(1);
    await subscribed(ops, 'notes-1');
    await ops.setStreamMetadata('notes-1', { maxCount: 5 });
    expect((await ops.getStreamMetadata('notes-1')).metadata).toEqual({ maxCount: 5 });
    await ops.deleteStream('notes-1');
    await ops.tombstoneStream('notes-2');
  });

  it('is for administrators only where the system keeps its own, and to $all', async () => {
    await admin.appendToStream('$own', event());
    await expect(read(ops, '$own')).rejects.toMatchObject(denied);
    await expect(subscribed(ops, '$own')).rejects.toMatchObject(denied);
    await expect(ops.appendToStream('$own', event())).rejects.toThrow(AccessDeniedError);
    await expect(ops.appendToStream('$own', event(), as('ops'))).rejects.toMatchObject(denied);
    await expect(ops.getStreamMetadata('$own')).rejects.toMatchObject(denied);
    await expect(ops.setStreamMetadata('$own', {})).rejects.toThrow(AccessDeniedError);
    await expect(ops.deleteStream('$own')).rejects.toMatchObject(denied);
    await expect(read(ops, '$ce-notes')).rejects.toMatchObject(denied);
    await expect(allOf(ops.readAll())).rejects.toMatchObject(denied);
    await expect(subscribed(ops, '$all')).rejects.toMatchObject(denied);
    expect(await read(admin, '$own')).toHaveLength(1);
    await allOf(admin.readAll());
    await subscribed(admin, '$all');
  });

  it('to $all is for reading only', async () => {
    await expect(admin.appendToStream('$all', event())).rejects.toThrow(AccessDeniedError);
    await expect(admin.deleteStream('$all')).rejects.toMatchObject(denied);
  });

  it('is what the metadata of the stream says of reading, writing, deleting and the metadata itself', async () => {
    const onlyReading = {
      readRoles: ['ops'],
      writeRoles: ['ada'],
      deleteRoles: [],
      metaReadRoles: ['$admins'],
      metaWriteRoles: ['$admins'],
    };
    await admin.setStreamMetadata('notes-3', { acl: onlyReading });
    await admin.appendToStream('notes-3', event());
    expect(await read(ops, 'notes-3')).toHaveLength(1);
    await expect(ops.appendToStream('notes-3', event())).rejects.toThrow(AccessDeniedError);
    await expect(ops.deleteStream('notes-3')).rejects.toMatchObject(denied);
    await expect(ops.tombstoneStream('notes-3')).rejects.toMatchObject(denied);
    await expect(ops.getStreamMetadata('notes-3')).rejects.toMatchObject(denied);
    await expect(ops.setStreamMetadata('notes-3', {})).rejects.toThrow(AccessDeniedError);
    await admin.deleteStream('notes-3');
  });

  it('names users, groups, or everybody', async () => {
    for (const role of ['ops', '$ops', '$all']) {
      await admin.setStreamMetadata('notes-4', { acl: { readRoles: ['ada', role] } });
      await admin.appendToStream('notes-4', event());
      await expect(read(ops, 'notes-4')).resolves.toBeDefined();
    }
    await admin.setStreamMetadata('notes-4', { acl: { readRoles: ['ada', '$admins'] } });
    await expect(read(ops, 'notes-4')).rejects.toMatchObject(denied);
  });

  it('is by default where the metadata of the stream says nothing of it', async () => {
    await admin.setStreamMetadata('notes-5', { acl: { writeRoles: ['ada'] } });
    await admin.appendToStream('notes-5', event());
    await expect(read(ops, 'notes-5')).resolves.toHaveLength(1);
    await admin.setStreamMetadata('$shown', { acl: { readRoles: ['$all'] } });
    await admin.appendToStream('$shown', event());
    await expect(read(ops, '$shown')).resolves.toHaveLength(1);
    await expect(ops.appendToStream('$shown', event())).rejects.toThrow(AccessDeniedError);
  });

  it('to $all can be granted by its metadata', async () => {
    await admin.setStreamMetadata('$all', { acl: { readRoles: ['ops'] } });
    await expect(allOf(ops.readAll())).resolves.toBeDefined();
    await admin.setStreamMetadata('$all', {});
    await expect(allOf(ops.readAll())).rejects.toMatchObject(denied);
  });

  it('has other defaults where $settings says so', async () => {
    await admin.appendToStream(
      '$settings',
      jsonEvent({
        type: 'settings',
        data: { $userStreamAcl: { $r: '$admins', $w: ['ops'] }, $systemStreamAcl: { $r: ['$admins', '$ops'] } },
      }),
    );
    await ops.appendToStream('notes-6', event());
    await expect(read(ops, 'notes-6')).rejects.toMatchObject(denied);
    await admin.appendToStream('$own', event());
    await expect(read(ops, '$own')).resolves.toBeDefined();
    await expect(ops.appendToStream('$own', event())).rejects.toThrow(AccessDeniedError);
    await admin.appendToStream('$settings', jsonEvent({ type: 'settings', data: {} }));
    await expect(read(ops, 'notes-6')).resolves.toHaveLength(1);
  });
});
