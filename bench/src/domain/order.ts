import { Aggregate, Apply, event } from '@gesta/core';
import { LineAdded, OrderPlaced } from './order-events.js';
import { orderLine } from './sample-events.js';

/** The aggregate that commands are handled on. */
@Aggregate({ category: 'bench.order', id: 'orderId' })
export class Order {
  private placedBy: string | undefined;
  lines = 0;
  total = 0;

  /** Decides: states one more line. */
  addLine(orderId: string, number: number) {
    if (this.placedBy === undefined) throw new Error(`${orderId} was never placed`);
    return event(LineAdded, orderLine(orderId, number));
  }

  @Apply(OrderPlaced)
  placed({ customerId }: OrderPlaced): void {
    this.placedBy = customerId;
  }

  @Apply(LineAdded)
  lineAdded({ quantity, unitPrice }: LineAdded): void {
    this.lines++;
    this.total += quantity * unitPrice;
  }
}
