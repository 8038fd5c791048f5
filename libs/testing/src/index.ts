export {
  documentStoreConformance,
  type DocumentStoreConformanceOptions,
  type OpenedDocumentStore,
} from './conformance/document-store.js';
export {
  eventStoreConformance,
  type EventStoreConformanceOptions,
  type OpenedEventStore,
} from './conformance/event-store.js';
export { given, type Given } from './scenarios/given.js';
export { at, due, old, on, refused, withHeaders, type Happening } from './scenarios/happenings.js';
export { type DecisionOutcome, type GivenAggregate } from './scenarios/aggregate-scenario.js';
export { type DocumentsOutcome, type GivenProjection } from './scenarios/projection-scenario.js';
export { type EffectsOutcome, type GivenProcessManager, type StateOutcome } from './scenarios/process-scenario.js';
export { ScenarioFailed } from './scenarios/scenario-failed.js';
