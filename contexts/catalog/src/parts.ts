import { Product } from './domain/product.js';
import { ProductStocks } from './read-models/product-stock.projection.js';
import { Products } from './read-models/products.projection.js';

/** What tools need to know of the context: its classes, without Nest. */
export const aggregates = [Product];
export const projections = [Products, ProductStocks];
export const processes: never[] = [];
