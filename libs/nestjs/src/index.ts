export { GestaModule } from './module/gesta.module.js';
export type { GestaModuleAsyncOptions, GestaModuleOptions } from './module/gesta-module-options.js';
export type { FeatureAggregate } from './module/feature.js';
export {
  DOCUMENT_STORE,
  EVENT_STORE,
  InjectDocumentStore,
  InjectEventStore,
  InjectGesta,
  InjectReadModel,
  InjectRepository,
} from './module/inject.decorators.js';
export { readModelToken, repositoryToken } from './module/injection-tokens.js';
export { ConfigurationError } from './configuration/configuration-error.js';
export { classValidatorValidator } from './validation/class-validator-validator.js';
export { eventSourced, type EventApplying, type EventSourcedOptions } from './cqrs/event-sourced.js';
export { CommandId } from './http/command-id.decorator.js';
export { configureHttp } from './http/configure-http.js';
export type { HttpOptions } from './http/http-options.js';
export { documentProblems, type DescribedApi } from './http/document-problems.js';
export { frameworkErrors } from './http/framework-errors.js';
export { Idempotent } from './http/idempotent.decorator.js';
export { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
export { InvalidRequest } from './http/invalid-request.js';
export type { RawBodies } from './http/raw-bodies.js';
export { messageContext } from './http/message-context.middleware.js';
export { ParsePositionPipe } from './http/parse-position.pipe.js';
export type { PlatformResponse } from './http/platform-response.js';
export type { ProblemDetails } from './http/problem-details.js';
export { ProblemDetailsFilter } from './http/problem-details.filter.js';
export { problemValidationPipe } from './http/problem-validation-pipe.js';
export {
  GestaHealthIndicator,
  type GestaHealth,
  type HealthOptions,
  type ReaderHealth,
} from './health/gesta-health-indicator.js';
