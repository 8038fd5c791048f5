export { closeBooks, type Closing, type PlacedOrder } from './books.js';
export {
  MarketplaceClient,
  UnexpectedAnswer,
  type ClientOptions,
  type Order,
  type StockLevel,
} from './marketplace-client.js';
export { Progress } from './progress.js';
export { Random } from './random.js';
export { marketDay, type Errand, type OrderLine, type Traffic } from './traffic.js';
