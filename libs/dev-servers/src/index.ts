export {
  startEventStoreDB,
  type EventStoreDBOptions,
  type RunningEventStoreDB,
} from './eventstoredb/start-eventstoredb.js';
export { startMongoDB, type MongoDBServer, type MongoDBServerOptions } from './mongodb/start-mongodb.js';
