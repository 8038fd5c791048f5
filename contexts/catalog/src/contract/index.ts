/** What other contexts may know of the catalog: the events it publishes. */
export { CATEGORIES, type Category } from './category.js';
export { PriceChanged, ProductDelisted, ProductDescribed, ProductListed } from './product-events.js';
