export { CatalogCommandModule } from './catalog.command.module.js';
export { CatalogQueryModule } from './catalog.query.module.js';
export { PICTURE_BODIES } from './http/picture-bodies.js';
