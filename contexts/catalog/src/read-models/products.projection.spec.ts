import { describe, expect, it } from '@jest/globals';
import { event } from '@gesta/core';
import { at, given, on } from '@gesta/testing';
import {
  PriceChanged,
  ProductDelisted,
  ProductDescribed,
  ProductListed,
  ProductPictured,
} from '../contract/product-events.js';
import { MAX_WORDS, productOf, Products, type ProductDocument } from './products.projection.js';

const sku = 'chair';
const price = { amount: 4_950, currency: 'EUR' };
const NINE = '2026-11-20T09:00:00.000Z';
const TEN = '2026-11-20T10:00:00.000Z';
const told = {
  name: 'Oak Chair',
  description: 'It creaks, the chair',
  category: 'furniture' as const,
  weightGrams: 7_000,
};

const product = (happened: Parameters<typeof on>[1]) => on('catalog.product-chair', happened);
const listed = at(NINE, product(event(ProductListed, { sku, ...told, price })));
const later = (happened: Parameters<typeof on>[1]) => at(TEN, product(happened));

const document: ProductDocument = {
  sku,
  ...told,
  price,
  status: 'listed',
  listedAt: NINE,
  updatedAt: NINE,
  byName: 'oak chair\tchair',
  byPrice: 'EUR 0000000000004950 chair',
  byNewest: '00000000000000000001',
  nameWords: ['oak', 'chair'],
  words: ['oak', 'chair', 'it', 'creaks', 'the'],
};

describe('Products', () => {
  it('shows a product that is listed, with the words by which it is found', () => {
    given(Products).when(listed).then({ chair: document });
  });

  it('shows it in other words, and as something else', () => {
    const other = { sku, name: 'Table', category: 'garden' as const, weightGrams: 1 };
    const { description: _gone, ...kept } = document;
    given(Products, listed)
      .when(later(event(ProductDescribed, other)))
      .then({
        chair: {
          ...kept,
          ...other,
          updatedAt: TEN,
          byName: 'table\tchair',
          nameWords: ['table'],
          words: ['table'],
        },
      });
  });

  it('shows what it costs now', () => {
    const dearer = { amount: 10_000, currency: 'EUR' };
    given(Products, listed)
      .when(later(event(PriceChanged, { sku, price: dearer, before: price })))
      .then({ chair: { ...document, price: dearer, byPrice: 'EUR 0000000000010000 chair', updatedAt: TEN } });
  });

  it('goes on to show what is delisted, as such', () => {
    given(Products, listed)
      .when(later(event(ProductDelisted, { sku })))
      .then({ chair: { ...document, status: 'delisted', updatedAt: TEN } });
  });

  it('shows its picture, also when it is listed again', () => {
    const picture = { name: `${'a'.repeat(64)}.png`, width: 3, height: 2, bytes: 70 };
    const pictured = event(ProductPictured, { sku, picture });
    given(Products, listed)
      .when(later(pictured))
      .then({ chair: { ...document, picture, updatedAt: TEN } });
    given(Products, listed, product(pictured), product(event(ProductDelisted, { sku })))
      .when(later(event(ProductListed, { sku, ...told, price })))
      .then({ chair: { ...document, picture, listedAt: TEN, updatedAt: TEN, byNewest: '00000000000000000004' } });
  });

  it('shows what is listed again as new', () => {
    given(Products, listed, product(event(ProductDelisted, { sku })))
      .when(later(event(ProductListed, { sku, ...told, price })))
      .then({ chair: { ...document, listedAt: TEN, updatedAt: TEN, byNewest: '00000000000000000003' } });
  });

  it('keeps no more words than are searched for', () => {
    const description = Array.from({ length: 900 }, (_, index) => `w${index}`).join(' ');
    const words = ['chair', ...description.split(' ')].slice(0, MAX_WORDS);
    given(Products)
      .when(at(NINE, product(event(ProductListed, { sku, ...told, name: 'Chair', description, price }))))
      .then({
        chair: { ...document, name: 'Chair', description, byName: 'chair\tchair', nameWords: ['chair'], words },
      });
  });

  it('keeps its own bookkeeping to itself', () => {
    expect(productOf(document)).toEqual({ sku, ...told, price, status: 'listed', listedAt: NINE, updatedAt: NINE });
  });
});
