import { Event, Gesta, MemoryEventStore, Project, Projection, projectionDefinition } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '../../core/test/until.js';
import { useMongoDB } from '../test/mongodb-for-tests.js';
import { MongoConnection } from './connection/mongodb-connection.js';
import { MongoDocumentStore } from './documents/mongodb-document-store.js';
import { nativeCollection } from './native-collection.js';

const mongodb = useMongoDB();

@Event('albums.picture-added')
class PictureAdded {
  readonly title!: string;
  readonly megabytes!: number;
}

interface Album {
  /** The title of the last picture. */
  readonly cover: string;
  readonly pictures: readonly string[];
}

/** Keeps the pictures in the documents, until that is mended. */
@Projection({ name: 'albums' })
class Albums {
  mended = false;

  @Project(PictureAdded)
  added({ title, megabytes }: PictureAdded, before?: Album): Album {
    const picture = this.mended ? title : title.padEnd(megabytes * 1024 * 1024, '.');
    return { cover: title, pictures: [...(before?.pictures ?? []), picture] };
  }
}

describe('A document that MongoDB refuses', () => {
  let events: MemoryEventStore;
  let documents: MongoDocumentStore;
  let projection: Albums;
  let gesta: Gesta;

  beforeEach(async () => {
    events = new MemoryEventStore();
    documents = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
    projection = new Albums();
    gesta = await Gesta.open({
      events,
      documents,
      projections: [{ projectionClass: Albums, definition: projectionDefinition(Albums, projection) }],
      leaseMs: 1_000,
    });
  });
  afterEach(async () => {
    await gesta.stop();
    for (const name of await documents.collections()) await documents.drop(name);
    await documents.close();
  });

  const add = (album: string, title: string, megabytes = 0) =>
    events.append(
      `albums.album-${album}`,
      [{ id: randomUUID(), type: 'albums.picture-added', version: 1, headers: {}, data: { title, megabytes } }],
      { expected: 'any' },
    );
  const albums = () => gesta.readModel<Album>(Albums);
  const tookAll = async () => albums().waitFor((await events.head()).position, { timeoutMs: 20_000 });
  const retryAll = async () => {
    for (const { id } of await gesta.deadLetters.list()) await gesta.deadLetters.retry(id);
    await until('nothing is parked', async () => (await gesta.deadLetters.list()).length === 0);
  };

  it('because it is too large has its key parked, the others go on, and a retry after the fix makes it whole', async () => {
    gesta.start();
    await add('large', 'first', 9);
    await tookAll();
    await add('small', 'first');
    const { position } = await add('large', 'second', 8);
    await add('large', 'third');
    await add('small', 'second');
    await tookAll();
    expect(await albums().findById('small')).toEqual({ cover: 'second', pictures: ['first', 'second'] });
    expect(await albums().findById('large')).toMatchObject({ cover: 'first' });
    expect(await gesta.deadLetters.list()).toMatchObject([
      {
        reader: 'projection.albums.v1.g1',
        kind: 'key',
        key: 'large',
        position: String(position),
        event: { type: 'albums.picture-added', data: { title: 'second', megabytes: 8 } },
        error: {
          name: 'DocumentRefused',
          message: expect.stringMatching(/^projection\.albums\.v1\.g1: the document large takes \d+ bytes/) as unknown,
        },
        attempts: 1,
      },
    ]);
    expect(await gesta.status()).toMatchObject([{ lag: 0n, parked: 1, error: undefined }]);

    projection.mended = true;
    await retryAll();
    const { cover, pictures } = (await albums().findById('large'))!;
    expect({ cover, titles: pictures.map((picture) => picture.replace(/\.+$/, '')) }).toEqual({
      cover: 'third',
      titles: ['first', 'second', 'third'],
    });
    await add('large', 'fourth');
    await tookAll();
    expect(await albums().findById('large')).toMatchObject({ cover: 'fourth' });
  });

  it('in a backlog, because of a unique index, has its key parked, the others go on, and it is whole once that is dropped', async () => {
    const native = nativeCollection<Album>(albums().collection);
    const index = await native.createIndex({ cover: 1 }, { unique: true });
    for (let n = 0; n < 1_500; n++) await add(`album-${n}`, `cover ${n}`);
    await add('late-1', 'cover 7'); // it is the next one that counts
    await add('late-2', 'another');
    const { position } = await add('late-2', 'cover 700');
    await add('late-1', 'its own');
    for (let n = 1_500; n < 2_500; n++) await add(`album-${n}`, `cover ${n}`);
    gesta.start();
    await tookAll();
    expect(await albums().count()).toBe(2_500 + 2);
    expect(await albums().findById('late-1')).toEqual({ cover: 'its own', pictures: ['cover 7', 'its own'] });
    expect(await albums().findById('late-2')).toEqual({ cover: 'another', pictures: ['another'] });
    expect(await gesta.deadLetters.list()).toMatchObject([
      {
        key: 'late-2',
        position: String(position),
        error: { message: expect.stringMatching(/the document late-2 is refused: E11000.*cover_1/) as unknown },
      },
    ]);

    await native.dropIndex(index);
    await retryAll();
    expect(await albums().findById('late-2')).toEqual({ cover: 'cover 700', pictures: ['another', 'cover 700'] });
  });
});
