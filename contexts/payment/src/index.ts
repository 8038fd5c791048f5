export { PaymentCommandModule } from './payment.command.module.js';
export { PaymentQueryModule } from './payment.query.module.js';
