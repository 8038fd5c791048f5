/** What other contexts may know of inventory: the events it publishes and the commands it takes. */
export { CommitStock, ReleaseStock, ReserveStock } from './stock-commands.js';
export {
  ReservationExpired,
  StockCommitted,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from './stock-events.js';
