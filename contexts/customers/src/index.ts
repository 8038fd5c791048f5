export { CustomersCommandModule } from './customers.command.module.js';
export { CustomersQueryModule } from './customers.query.module.js';
