import { documentStoreConformance } from '@gesta/testing';
import { useMongoDB } from '../../test/mongodb-for-tests.js';
import { MongoConnection } from '../connection/mongodb-connection.js';
import { MongoDocumentStore } from './mongodb-document-store.js';

const mongodb = useMongoDB();

documentStoreConformance(
  'MongoDocumentStore',
  async () => {
    const open = async () => new MongoDocumentStore(await MongoConnection.open(mongodb.url));
    let store = await open();
    return {
      store,
      reopen: async () => {
        await store.close();
        return (store = await open());
      },
      dispose: () => store.close(),
    };
  },
  { runs: 10, refused: () => ({ text: 'x'.repeat(16 * 1024 * 1024) }) },
);
