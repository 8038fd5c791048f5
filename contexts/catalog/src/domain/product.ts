import { Aggregate, Apply, event, Handle, type DataOf, type Decision } from '@gesta/core';
import type { Money } from '@marketplace/values';
import {
  PriceChanged,
  ProductDelisted,
  ProductDescribed,
  ProductListed,
  ProductPictured,
} from '../contract/product-events.js';
import { DelistProduct, DescribeProduct, ListProduct, RepriceProduct, ShowPicture } from './product-commands.js';
import { ProductAlreadyListed, ProductNotFound, ProductNotListed } from './product-errors.js';

type Description = Omit<DataOf<ProductDescribed>, 'sku'>;

/** A product that is sold under one sku: `listed`, then `delisted`, and perhaps listed again. */
@Aggregate({ category: 'catalog.product', id: 'sku' })
export class Product {
  private status: 'none' | 'listed' | 'delisted' = 'none';
  private price: Money = { amount: 0, currency: '' };
  private told: Description = { name: '', category: 'other', weightGrams: 0 };
  private picture: string | undefined;

  // Folding

  @Apply(ProductListed)
  listed({ price, name, description, category, weightGrams }: ProductListed) {
    this.status = 'listed';
    this.price = price;
    this.told = { name, description, category, weightGrams };
  }

  @Apply(ProductDescribed)
  described({ name, description, category, weightGrams }: ProductDescribed) {
    this.told = { name, description, category, weightGrams };
  }

  @Apply(PriceChanged)
  repriced({ price }: PriceChanged) {
    this.price = price;
  }

  @Apply(ProductPictured)
  pictured({ picture }: ProductPictured) {
    this.picture = picture.name;
  }

  @Apply(ProductDelisted)
  delisted() {
    this.status = 'delisted';
  }

  // Deciding

  @Handle(ListProduct)
  list({ sku, name, description, category, price, weightGrams }: ListProduct) {
    if (this.status === 'listed') throw new ProductAlreadyListed(sku);
    return event(ProductListed, { sku, name, description: description || undefined, category, price, weightGrams });
  }

  @Handle(DescribeProduct)
  describe({ sku, name, description, category, weightGrams }: DescribeProduct): Decision {
    this.mustBeListed(sku);
    const before = this.told;
    const after: Description = {
      name: name ?? before.name,
      description: (description ?? before.description) || undefined, // an empty one is none
      category: category ?? before.category,
      weightGrams: weightGrams ?? before.weightGrams,
    };
    return isSame(before, after) ? undefined : event(ProductDescribed, { sku, ...after });
  }

  @Handle(RepriceProduct)
  reprice({ sku, price }: RepriceProduct): Decision {
    this.mustBeListed(sku);
    const before = this.price;
    if (price.amount === before.amount && price.currency === before.currency) return undefined;
    return event(PriceChanged, { sku, price, before });
  }

  @Handle(ShowPicture)
  show({ sku, picture }: ShowPicture): Decision {
    this.mustBeListed(sku);
    return picture.name === this.picture ? undefined : event(ProductPictured, { sku, picture });
  }

  @Handle(DelistProduct)
  delist({ sku }: DelistProduct): Decision {
    if (this.status === 'none') throw new ProductNotFound(sku);
    return this.status === 'listed' ? event(ProductDelisted, { sku }) : undefined;
  }

  private mustBeListed(sku: string): void {
    if (this.status === 'none') throw new ProductNotFound(sku);
    if (this.status === 'delisted') throw new ProductNotListed(sku);
  }
}

function isSame(one: Description, other: Description): boolean {
  return (['name', 'description', 'category', 'weightGrams'] as const).every((field) => one[field] === other[field]);
}
