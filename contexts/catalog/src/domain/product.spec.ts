import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import {
  PriceChanged,
  ProductDelisted,
  ProductDescribed,
  ProductListed,
  ProductPictured,
} from '../contract/product-events.js';
import { DelistProduct, DescribeProduct, ListProduct, RepriceProduct, ShowPicture } from './product-commands.js';
import { ProductAlreadyListed, ProductNotFound, ProductNotListed } from './product-errors.js';
import { Product } from './product.js';

const sku = 'chair-oak';
const price = { amount: 4_950, currency: 'EUR' };
const dearer = { amount: 5_950, currency: 'EUR' };
const told = { name: 'Oak chair', description: 'It creaks', category: 'furniture' as const, weightGrams: 7_000 };

const list = new ListProduct({ sku, ...told, price });
const listed = event(ProductListed, { sku, ...told, price });
const repriced = event(PriceChanged, { sku, price: dearer, before: price });
const delisted = event(ProductDelisted, { sku });

describe('Product', () => {
  it('is listed', () => {
    given(Product).when(list).then(listed);
  });

  it('is listed once', () => {
    given(Product, listed).when(list).thenRefused(ProductAlreadyListed, "Product 'chair-oak' is listed already");
  });

  it('is listed again after it was delisted, with what is said then', () => {
    const again = { sku, ...told, name: 'Old chair', price: dearer };
    given(Product, listed, delisted).when(new ListProduct(again)).then(event(ProductListed, again));
    given(Product, listed, delisted, event(ProductListed, again)).when(list).thenRefused(ProductAlreadyListed);
  });

  it('costs something else when it is repriced, and the event says what it cost before', () => {
    given(Product, listed)
      .when(new RepriceProduct({ sku, price: dearer }))
      .then(repriced);
    given(Product, listed)
      .when(new RepriceProduct({ sku, price: { amount: 4_950, currency: 'USD' } }))
      .then(event(PriceChanged, { sku, price: { amount: 4_950, currency: 'USD' }, before: price }));
  });

  it('states nothing when it costs that already', () => {
    given(Product, listed).when(new RepriceProduct({ sku, price })).thenNothing();
    given(Product, listed, repriced)
      .when(new RepriceProduct({ sku, price: dearer }))
      .thenNothing();
  });

  it('keeps what a description does not speak of', () => {
    given(Product, listed)
      .when(new DescribeProduct({ sku, name: 'Creaking chair' }))
      .then(event(ProductDescribed, { sku, ...told, name: 'Creaking chair' }));
    given(Product, listed)
      .when(new DescribeProduct({ sku, category: 'garden', weightGrams: 1 }))
      .then(event(ProductDescribed, { sku, ...told, category: 'garden', weightGrams: 1 }));
  });

  it('has no description any more when it is given an empty one', () => {
    const { description: _gone, ...rest } = told;
    const without = event(ProductDescribed, { sku, ...rest });
    given(Product, listed)
      .when(new DescribeProduct({ sku, description: '' }))
      .then(without);
    given(Product, listed, without)
      .when(new DescribeProduct({ sku, description: '' }))
      .thenNothing();
    given(Product)
      .when(new ListProduct({ sku, ...rest, description: '', price }))
      .then(event(ProductListed, { sku, ...rest, price }));
  });

  it('states nothing when it is described as it is', () => {
    given(Product, listed)
      .when(new DescribeProduct({ sku, ...told }))
      .thenNothing();
    given(Product, listed).when(new DescribeProduct({ sku })).thenNothing();
  });

  it('has the picture that it was given last', () => {
    const picture = (letter: string) => ({ name: `${letter.repeat(64)}.png`, width: 3, height: 2, bytes: 70 });
    const pictured = (letter: string) => event(ProductPictured, { sku, picture: picture(letter) });
    const show = (letter: string) => new ShowPicture({ sku, picture: picture(letter) });
    given(Product, listed).when(show('a')).then(pictured('a'));
    given(Product, listed, pictured('a')).when(show('b')).then(pictured('b'));
    given(Product, listed, pictured('a')).when(show('a')).thenNothing();
    given(Product, listed, pictured('a'), pictured('b')).when(show('a')).then(pictured('a'));
    given(Product, listed, delisted).when(show('a')).thenRefused(ProductNotListed);
    given(Product).when(show('a')).thenRefused(ProductNotFound);
  });

  it('is delisted, once', () => {
    given(Product, listed).when(new DelistProduct({ sku })).then(delisted);
    given(Product, listed, delisted).when(new DelistProduct({ sku })).thenNothing();
  });

  it('does not change while it is delisted', () => {
    given(Product, listed, delisted)
      .when(new RepriceProduct({ sku, price: dearer }))
      .thenRefused(ProductNotListed);
    given(Product, listed, delisted)
      .when(new DescribeProduct({ sku, name: 'Chair' }))
      .thenRefused(ProductNotListed);
  });

  it('is to be listed before anything else', () => {
    for (const command of [
      new RepriceProduct({ sku, price }),
      new DescribeProduct({ sku, name: 'Chair' }),
      new DelistProduct({ sku }),
    ]) {
      given(Product).when(command).thenRefused(ProductNotFound, "There is no product 'chair-oak'");
    }
  });
});
