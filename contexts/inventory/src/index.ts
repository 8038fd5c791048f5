export { InventoryCommandModule } from './inventory.command.module.js';
export { InventoryQueryModule } from './inventory.query.module.js';
