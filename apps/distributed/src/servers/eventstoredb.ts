import { startEventStoreDB } from '@gesta/dev-servers';
import { serve } from './serve.js';

await serve('EventStoreDB-protocol server', startEventStoreDB);
