// A small application for tests, in JavaScript, as the command imports it. TypeScript would write the decorators above the classes.
import { Aggregate, Apply, Event, Handle, Project, Projection, Reactor, When, event } from '@gesta/core';

const decorate = (decorator, { prototype }, method) =>
  decorator(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));

/** While it is on, folding a sale of something priceless fails. */
export const fault = { on: false };

export class Sold {}
Event('shop.sold', { version: 2, upcast: { 1: ({ price }) => ({ price, currency: 'EUR' }) } })(Sold);

export class Sell {}

export class Till {
  sell({ price }) {
    return event(Sold, { price, currency: 'EUR' });
  }
  sold() {}
}
Aggregate({ category: 'shop.till', id: 'till' })(Till);
decorate(Handle(Sell), Till, 'sell');
decorate(Apply(Sold), Till, 'sold');

export class Takings {
  sold({ price, currency }, before = { sales: 0, sum: 0, currency }) {
    if (price === null && fault.on) throw new Error('It has no price\u001b[31m');
    return { sales: before.sales + 1, sum: before.sum + (price ?? 0), currency };
  }
}
Projection({ name: 'takings' })(Takings);
decorate(Project(Sold), Takings, 'sold');

export class Receipts {
  constructor(printer) {
    this.print = printer.print;
  }
  async sold(sold) {
    await this.print(sold);
  }
}
Reactor({ name: 'receipts', startFrom: 'beginning' })(Receipts);
decorate(When(Sold), Receipts, 'sold');
