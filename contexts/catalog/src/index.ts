export { CatalogCommandModule } from './catalog.command.module.js';
export { CatalogQueryModule } from './catalog.query.module.js';
