export { OrderingCommandModule } from './ordering.command.module.js';
export { OrderingQueryModule } from './ordering.query.module.js';
