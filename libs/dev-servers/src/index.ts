export {
  startEventStoreDB,
  type EventStoreDBServerOptions,
  type EventStoreDBServer,
} from './eventstoredb/start-eventstoredb.js';
export { startMongoDB, type MongoDBServer, type MongoDBServerOptions } from './mongodb/start-mongodb.js';
