/** What other contexts may know of the catalog: the events it publishes. */
export { CATEGORIES, type Category } from './category.js';
export { Picture } from './picture.js';
export { PriceChanged, ProductDelisted, ProductDescribed, ProductListed, ProductPictured } from './product-events.js';
