import { startMongoDB } from '@gesta/dev-servers';
import { serve } from './serve.js';

await serve('MongoDB-protocol server', startMongoDB);
