import { Payment } from './domain/payment.js';
import { PaymentRequests } from './processes/payment-requests.reactor.js';
import { UnknownOutcomes } from './processes/unknown-outcomes.process.js';
import { PaymentViews } from './read-models/payment-view.projection.js';

/** What tools need to know of the context: its classes, without Nest. */
export const aggregates = [Payment];
export const projections = [PaymentViews];
export const processes = [UnknownOutcomes];
export const reactors = [PaymentRequests];
