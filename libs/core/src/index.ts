export type { EffectUnderWay } from './readers/effect-under-way.js';
export { EffectTimedOut } from './readers/effect-consumer.js';
export type { Class } from './events/class.js';
export { DefinitionError } from './events/definition-error.js';
export { event, type DataOf, type DomainEvent } from './events/domain-event.js';
export { declaredFields, type DeclaredField } from './events/declared-fields.js';
export type { JsonShape } from './events/json-shape.js';
export { EventRegistry, UnknownEvent, UpcastFailed } from './events/event-registry.js';
export {
  Event,
  eventDefinition,
  isEventClass,
  type EventDefinition,
  type EventOptions,
  type Upcaster,
} from './events/event.decorator.js';
export type { MaintenanceOptions, MaintenanceReport } from './maintenance/maintenance.js';
export type { SelfMaintenanceOptions } from './maintenance/self-maintenance.js';
export { NotJson, toJson, type JsonObject, type JsonValue } from './events/json.js';
export type {
  EventHeaders,
  EventMetadata,
  EventToAppend,
  RecordedEvent,
  StreamMetadata,
} from './events/recorded-event.js';
export type {
  DocumentCollection,
  DocumentStore,
  Filter,
  FindOptions,
  PurgeOptions,
  Purged,
  IndexSpec,
  Sort,
  StoredDocument,
} from './store/document-store.js';
export {
  AppendTooLarge,
  DocumentRefused,
  LogReplaced,
  StoreUnavailable,
  StreamIncomplete,
  StreamTombstoned,
  UnsupportedOperator,
  WrongExpectedRevision,
} from './store/errors.js';
export type {
  Appended,
  Checkpoint,
  EventAt,
  EventBatch,
  LogHead,
  EventFilter,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
} from './store/event-store.js';
export type { StoreCondition } from './store/store-condition.js';
export type { StoreAdapter, StoreOptions } from './store/store-adapter.js';
export type { StoreLocation } from './store/store-location.js';
export { printable } from './observability/printable.js';
export { shownUrl, withoutSecrets } from './store/store-url.js';
export { categoryOf, checkedStreamId, idOf, InvalidStreamId, streamId } from './store/stream-id.js';
export { deterministicId } from './events/deterministic-id.js';
export { ValidationFailed, type Validator, type Violation } from './events/validation-failed.js';
export {
  Aggregate,
  Apply,
  Handle,
  type AggregateOptions,
  type Decision,
  type SnapshotOptions,
} from './aggregates/aggregate.decorator.js';
export {
  aggregateDefinition,
  type AggregateDefinition,
  type CommandHandlerDefinition,
} from './aggregates/aggregate-definition.js';
export { CommandAccepted, CommandIdTaken, CommandWasRefused } from './aggregates/command-outcome.js';
export { ConcurrencyConflict } from './aggregates/concurrency-conflict.js';
export { DomainError } from './aggregates/domain-error.js';
export { Repository, type CommandResult, type Commit, type RepositoryOptions } from './aggregates/repository.js';
export { Snapshots, SnapshotImpossible } from './aggregates/snapshots.js';
export { Command, commandDefinition, contextOf, isTravellingCommand } from './messaging/command.decorator.js';
export {
  currentMessage,
  runInMessageContext,
  type MessageContext,
  type TransactContext,
} from './messaging/message-context.js';
export type { Notice, NoticeListener, UnknownEventPolicy } from './observability/notice.js';
export { Project, Projection, type Keys, type ProjectionOptions } from './projections/projection.decorator.js';
export {
  cancelDeadline,
  complete,
  deadline,
  send,
  type CancelDeadlineEffect,
  type CompleteEffect,
  type DeadlineEffect,
  type Duration,
  type Effect,
  type Effects,
  type SendEffect,
} from './processes/effects.js';
export {
  OnDeadline,
  OnRefused,
  ProcessManager,
  When,
  type DueDeadline,
  type ProcessManagerOptions,
  type Refusal,
  type StartFrom,
} from './processes/process-manager.decorator.js';
export { Reactor, type Reaction, type ReactorOptions } from './processes/reactor.decorator.js';
export { projectionDefinition, type ProjectionDefinition } from './projections/projection-definition.js';
export { CommandRefused } from './processes/command-refused.js';
export { DeadlineDue } from './processes/deadline-due.js';
export {
  processDefinition,
  type ProcessDefinition,
  type ProcessState,
  type ProcessStep,
} from './processes/process-definition.js';
export { reactorDefinition, type ReactorDefinition } from './processes/reactor-definition.js';
export { ReadModel, type WaitOptions } from './projections/read-model.js';
export { holderHere, isGone, type Holder } from './readers/holder.js';
export { TooManyWaiting } from './projections/waits.js';
export { PositionBeyondLog, ReadModelBehind } from './readers/reached.js';
export { BacklogTime } from './readers/backlog-time.js';
export {
  DeadLetters,
  NoSuchDeadLetter,
  type DeadLetter,
  type LettersMeant,
  type SeenLetter,
} from './readers/dead-letters.js';
export {
  DocumentsOfAnotherLog,
  DocumentsOlderThanCheckpoint,
  inLog,
  StoresDoNotMatch,
} from './readers/documents-of-another-log.js';
export type { CommandEndpoint } from './messaging/command-inbox.js';
export { watchEvents, type WatchOptions } from './messaging/watch.js';
export type { ReaderKind } from './readers/reader.js';
export { Gesta, NoSuchReader, type GestaOptions, type ReaderStatus } from './application/gesta.js';
export { CannotReset, type ResetFrom, type ResetPlan } from './readers/reader-reset.js';
export {
  applicationSettings,
  type ApplicationSettings,
  type SettingsInCode,
  type WrongSettings,
} from './application/application-settings.js';
export { memory } from './memory/memory-adapter.js';
export { MemoryDocumentStore } from './memory/memory-document-store.js';
export { MemoryEventStore } from './memory/memory-event-store.js';
export {
  checkedAppend,
  checkedExpectation,
  checkedReadAll,
  checkedReadStream,
  checkedWhole,
} from './store/checked-options.js';
// For authors of stores.
export { checkedCollectionName, documentsToPut, VERSION_RANGE } from './store/document-check.js';
export { compileFilter } from './store/document-query.js';
export { boundedPattern, type BoundedPattern, type PatternMatch } from './store/query/bounded-pattern.js';
export { InvalidPattern } from './store/query/invalid-pattern.js';
export { documentOrder, parallelArrays, sortValues } from './store/query/document-order.js';
export { explicitFilter, type ExplicitFilter, type FieldConditions } from './store/query/explicit-filter.js';
export { checkedPurge, findWindow, indexFields, type FindWindow, type SortField } from './store/query/find-options.js';
export { compareText, compareValues, typeRank, TypeRank } from './store/query/value-order.js';
export { checkedPath } from './store/query/field-path.js';
export type { Sortable } from './store/query/document-order.js';
export type { Generation } from './projections/generations.js';
export type { GenerationState } from './projections/generation-states.js';
export { GenerationInUse, VersionInUse } from './projections/generation-drops.js';
export {
  NothingToRollBackTo,
  RebuildRunning,
  type GenerationStatus,
  type ProjectionStatus,
  type RebuildOptions,
  type RebuildProgress,
  type RebuildResult,
} from './projections/rebuild.js';
export { NoSuchProjection } from './application/gesta.js';
export { FoldFailed } from './aggregates/fold-failed.js';
export { NoSuchRemains, StillInUse, type Remains } from './application/remains.js';
