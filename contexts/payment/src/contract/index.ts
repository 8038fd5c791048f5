/** What other contexts may know of payment: the commands it takes and the events it publishes. */
export { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from './payment-commands.js';
export {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from './payment-events.js';
export { CARD_TOKEN, IsCardToken } from './card-token.js';
