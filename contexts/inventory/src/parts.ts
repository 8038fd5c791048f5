import { StockItem } from './domain/stock-item.js';
import { ReservationExpiry } from './processes/reservation-expiry.process.js';
import { StockLevels } from './read-models/stock-level.projection.js';

/** What tools need to know of the context: its classes, without Nest. */
export const aggregates = [StockItem];
export const projections = [StockLevels];
export const processes = [ReservationExpiry];
