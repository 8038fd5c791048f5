export { DEFAULT_DESTINATION, Destination } from './destination.js';
export { IDENTIFIER, IsIdentifier } from './identifier.js';
export { IsMoney } from './is-money.js';
export { Money } from './money.js';
export { IsQuantity, MAX_QUANTITY } from './quantity.js';
