import { Gesta, type Class } from '@gesta/core';
import { Inject } from '@nestjs/common';
import { readModelToken, repositoryToken } from './injection-tokens.js';

/** The token of the event store that the application runs on. */
export const EVENT_STORE = Symbol('EventStore');
/** The token of the document store that the application runs on. */
export const DOCUMENT_STORE = Symbol('DocumentStore');

/** Injects the repository of an aggregate that some module lists in `forFeature`: `@InjectRepository(Order) orders: Repository<Order>`. */
export const InjectRepository = (aggregateClass: Class) => Inject(repositoryToken(aggregateClass));

/** Injects the documents that a projection builds: `@InjectReadModel(OrderSummaries) summaries: ReadModel<OrderSummary>`. */
export const InjectReadModel = (projectionClass: Class) => Inject(readModelToken(projectionClass));

/** Injects the application itself: its dead letters and the status of its readers. */
export const InjectGesta = () => Inject(Gesta);

/** Injects the event store, to watch the log with `watchEvents(store)`; aggregates are written through repositories. */
export const InjectEventStore = () => Inject(EVENT_STORE);

/** Injects the document store, for documents that are no projection. */
export const InjectDocumentStore = () => Inject(DOCUMENT_STORE);
