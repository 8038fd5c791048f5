import { DomainError } from '@gesta/core';

/** Nothing was ever listed under the sku. */
export class ProductNotFound extends DomainError {
  constructor(sku: string) {
    super(`There is no product '${sku}'`);
  }
}

/** The sku is taken: a product is listed under it. */
export class ProductAlreadyListed extends DomainError {
  constructor(sku: string) {
    super(`Product '${sku}' is listed already`);
  }
}

/** The product was delisted; whoever wants to change it lists it again. */
export class ProductNotListed extends DomainError {
  constructor(sku: string) {
    super(`Product '${sku}' is not listed any more; list it again to change it`);
  }
}
