/** What other contexts may know of payment: the commands it takes and the events it publishes. */
export { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from './payment-commands.js';
export {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundDeclined,
} from './payment-events.js';
export { CARD_TOKEN, holdsCardNumber, IsCardToken } from './card-token.js';
