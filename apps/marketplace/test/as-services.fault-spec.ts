import { describe } from '@jest/globals';
import { join } from 'node:path';
import { marketplaceBehaviour } from './marketplace-behaviour.js';
import { AS_SERVICES, RunningMarketplace } from './running-marketplace.js';

describe('the marketplace as separate services, on EventStoreDB and MongoDB', () => {
  marketplaceBehaviour((folder) =>
    RunningMarketplace.start(
      {
        GESTA_EVENTS_URL: process.env.GESTA_TEST_EVENTSTOREDB_URL,
        GESTA_DOCUMENTS_URL: process.env.GESTA_TEST_MONGODB_URL,
      },
      [AS_SERVICES, '--data', join(folder, 'data'), '--read-replicas', '2'],
    ),
  );
});
