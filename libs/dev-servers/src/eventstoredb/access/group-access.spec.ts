import type { EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allOf } from '../../../test/all-of.js';
import { acking, allFromStart, appendNumbers, fromStart, TestConsumer } from '../../../test/esdb-consumer.js';
import { SecureEventStoreDB } from '../../../test/secure-eventstoredb.js';

describe('Access to persistent subscriptions', () => {
  let secure: SecureEventStoreDB;
  let nobody: EventStoreDBClient;
  let admin: EventStoreDBClient;
  let ops: EventStoreDBClient;

  beforeAll(async () => {
    secure = await SecureEventStoreDB.start();
    nobody = secure.client();
    admin = secure.client('admin:changeit');
    ops = secure.client('ops:changeit');
  });
  afterAll(() => secure.stop());

  const denied = { type: 'access-denied' };

  it('is for administrators and operators who manage them', async () => {
    for (const client of [admin, ops]) {
      await client.createPersistentSubscriptionToStream('notes-1', 'readers', fromStart());
      await client.updatePersistentSubscriptionToStream('notes-1', 'readers', fromStart({ maxRetryCount: 1 }));
      await client.replayParkedMessagesToStream('notes-1', 'readers');
      await client.restartPersistentSubscriptionSubsystem();
      await client.getPersistentSubscriptionToStreamInfo('notes-1', 'readers');
      await client.listAllPersistentSubscriptions();
      await client.deletePersistentSubscriptionToStream('notes-1', 'readers');
    }
  });

  it('is denied to nobody in particular', async () => {
    const [stream, group] = ['notes-2', 'readers'] as const;
    await admin.createPersistentSubscriptionToStream(stream, group, fromStart());
    const calls = [
      nobody.createPersistentSubscriptionToStream(stream, 'others', fromStart()),
      nobody.createPersistentSubscriptionToAll('others', allFromStart()),
      nobody.updatePersistentSubscriptionToStream(stream, group, fromStart()),
      nobody.deletePersistentSubscriptionToStream(stream, group),
      nobody.replayParkedMessagesToStream(stream, group),
      nobody.getPersistentSubscriptionToStreamInfo(stream, group),
      nobody.listPersistentSubscriptionsToStream(stream),
      nobody.restartPersistentSubscriptionSubsystem(),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(denied);
    const consumer = new TestConsumer(nobody.subscribeToPersistentSubscriptionToStream(stream, group));
    expect(await consumer.ended()).toMatchObject(denied);
  });

  it('to consume asks who may read the stream', async () => {
    await admin.createPersistentSubscriptionToStream('notes-3', 'readers', fromStart());
    await appendNumbers(admin, 'notes-3', 1);
    const reading = new TestConsumer(ops.subscribeToPersistentSubscriptionToStream('notes-3', 'readers'), acking);
    await reading.has(1);
    const { connections } = await admin.getPersistentSubscriptionToStreamInfo('notes-3', 'readers');
    expect(connections[0]!.username).toBe('ops');
    await admin.setStreamMetadata('notes-3', { acl: { readRoles: ['$admins'] } });
    const refused = new TestConsumer(ops.subscribeToPersistentSubscriptionToStream('notes-3', 'readers'));
    expect(await refused.ended()).toMatchObject(denied);
  });

  it('to consume $all is for administrators only', async () => {
    await ops.createPersistentSubscriptionToAll('auditing', allFromStart());
    const refused = new TestConsumer(ops.subscribeToPersistentSubscriptionToAll('auditing'));
    expect(await refused.ended()).toMatchObject(denied);
    await new TestConsumer(admin.subscribeToPersistentSubscriptionToAll('auditing')).connected();
  });

  it('is for administrators only who read what groups keep', async () => {
    await admin.createPersistentSubscriptionToStream('notes-4', 'readers', fromStart());
    await appendNumbers(admin, 'notes-4', 1);
    await new TestConsumer(admin.subscribeToPersistentSubscriptionToStream('notes-4', 'readers'), (message, consumer) =>
      consumer.nack('park', message),
    ).has(1);
    const parked = '$persistentsubscription-notes-4::readers-parked';
    await expect(allOf(ops.readStream(parked))).rejects.toMatchObject(denied);
  });
});
