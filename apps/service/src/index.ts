export { environmentFrom, InvalidEnvironment, listeningFrom, type Environment, type Listening } from './environment.js';
export { endWithParent } from './end-with-parent.js';
export { HealthModule } from './health.module.js';
export { runService, type Service } from './run-service.js';
export { inPlainWords } from './start-failure.js';
export { storeAdapters } from './store-adapters.js';
