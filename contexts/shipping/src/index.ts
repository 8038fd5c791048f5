export { ShippingCommandModule } from './shipping.command.module.js';
export { ShippingQueryModule } from './shipping.query.module.js';
