import {
  cancelDeadline,
  complete,
  deadline,
  OnDeadline,
  OnRefused,
  ProcessManager,
  send,
  When,
  type Effect,
  type Refusal,
} from '@gesta/core';
import {
  CommitStock,
  ReleaseStock,
  ReservationExpired,
  ReserveStock,
  StockCommitted,
  StockReleased,
  StockReserved,
  StockReturned,
} from '@marketplace/inventory/contract';
import { OrderCancelled, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { ConfirmOrder, RejectOrder } from '../domain/order-commands.js';

/** How long the whole order may take to be reserved. */
export const TIME_TO_RESERVE = { minutes: 15 };

/** How far a line has come. In the stages that end in -ing, a command is on its way and its answer awaited. */
type Stage = 'reserving' | 'reserved' | 'committing' | 'committed' | 'releasing' | 'settled';

interface Line {
  readonly sku: string;
  readonly quantity: number;
  stage: Stage;
}

/** Inventory's events are for the order they name. */
const byOrder = ({ orderId }: { orderId: string }) => orderId;

/**
 * Gets an order its stock: reserves every line, sells them all, confirms the order. Where any of this fails, or the
 * customer cancels, at whatever moment, the order is given up and what it has is given back.
 *
 * Of each line one command is on its way at a time, and nothing is decided for it before the answer: a reservation that
 * comes late is given back when it comes. So whatever the order of events, no unit stays with an order given up. A
 * confirmed order keeps its process, which then waits for nothing but a cancellation.
 */
@ProcessManager({ name: 'order-fulfilment', startFrom: 'beginning' })
export class OrderFulfilment {
  private orderId = '';
  private lines: Line[] = [];
  private givenUp = false;

  @When(OrderPlaced)
  begin({ orderId, lines }: OrderPlaced) {
    this.orderId = orderId;
    this.lines = lines.map(({ sku, quantity }) => ({ sku, quantity, stage: 'reserving' }));
    return [
      ...lines.map(({ sku, quantity }) => send(ReserveStock, { sku, orderId, quantity })),
      deadline('reservation', TIME_TO_RESERVE),
    ];
  }

  // What inventory answers

  @When(StockReserved, byOrder)
  reserved({ sku }: StockReserved) {
    // From settled too: a refused command that came again may have found stock the second time.
    return this.moved(sku, ['reserving', 'settled'], 'reserved') ? this.goOn() : undefined;
  }

  @OnRefused(ReserveStock)
  notReserved({ sku }: ReserveStock, { name, message }: Refusal) {
    return this.moved(sku, ['reserving'], 'settled') ? this.giveUp(`${name}: ${message}`) : undefined;
  }

  @When(StockCommitted, byOrder)
  committed({ sku }: StockCommitted) {
    return this.moved(sku, ['committing'], 'committed') ? this.goOn() : undefined;
  }

  @OnRefused(CommitStock)
  notCommitted({ sku }: CommitStock, { name, message }: Refusal) {
    return this.moved(sku, ['committing'], 'settled') ? this.giveUp(`${name}: ${message}`) : undefined;
  }

  @When(StockReleased, byOrder)
  released({ sku }: StockReleased) {
    return this.moved(sku, ['releasing'], 'settled') ? this.goOn() : undefined;
  }

  @When(StockReturned, byOrder)
  returned({ sku }: StockReturned) {
    return this.moved(sku, ['releasing'], 'settled') ? this.goOn() : undefined;
  }

  @When(ReservationExpired, byOrder)
  expired({ sku }: ReservationExpired) {
    const gone = this.moved(sku, ['reserved', 'committing', 'releasing'], 'settled');
    return gone ? this.giveUp(`ReservationExpired: item '${sku}' was not sold in time`) : undefined;
  }

  @OnDeadline('reservation')
  tooLate() {
    return this.giveUp(`TooLate: not every item could be reserved within ${TIME_TO_RESERVE.minutes} minutes`);
  }

  // What becomes of the order

  @When(OrderCancelled)
  cancelled() {
    return this.giveBack();
  }

  @When(OrderRejected)
  rejected() {
    return this.giveBack();
  }

  @OnRefused(ConfirmOrder)
  notConfirmed(_: ConfirmOrder, { name, message }: Refusal) {
    return this.giveUp(`${name}: ${message}`);
  }

  @OnRefused(RejectOrder)
  notRejected() {
    // It was cancelled in the meantime: its stock is on its way back already.
  }

  /** The next step, once every line is ready for it. */
  private goOn(): Effect[] {
    if (this.givenUp) return this.giveBack();
    const { orderId, lines } = this;
    if (this.all('reserved')) {
      for (const line of lines) line.stage = 'committing';
      return [cancelDeadline('reservation'), ...lines.map(({ sku }) => send(CommitStock, { sku, orderId }))];
    }
    return this.all('committed') ? [send(ConfirmOrder, { orderId })] : [];
  }

  /** Rejects the order, which is open as far as is known here, and gives back what it has. */
  private giveUp(reason: string): Effect[] {
    if (this.givenUp) return this.giveBack();
    return [send(RejectOrder, { orderId: this.orderId, reason: reason.slice(0, 500) }), ...this.giveBack()];
  }

  /** Gives back what can be given back now; complete when there is nothing left and no answer to come. */
  private giveBack(): Effect[] {
    const { orderId } = this;
    const effects: Effect[] = this.givenUp ? [] : [cancelDeadline('reservation')];
    this.givenUp = true;
    for (const line of this.lines) {
      const { sku, quantity } = line;
      if (line.stage === 'reserved') effects.push(send(ReleaseStock, { sku, orderId }));
      else if (line.stage === 'committed') effects.push(send(ReleaseStock, { sku, orderId, sold: quantity }));
      else continue;
      line.stage = 'releasing';
    }
    if (this.all('settled')) effects.push(complete());
    return effects;
  }

  private all(stage: Stage): boolean {
    return this.lines.every((line) => line.stage === stage);
  }

  /** Moves the line, when it is in one of the stages from which it can be moved. */
  private moved(sku: string, from: readonly Stage[], to: Stage): boolean {
    const line = this.lines.find((candidate) => candidate.sku === sku);
    if (!line || !from.includes(line.stage)) return false;
    line.stage = to;
    return true;
  }
}
