/* oxlint-disable promise/valid-params -- the `then` of a scenario is not a promise's */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  cancelDeadline,
  Command,
  complete,
  deadline,
  DomainError,
  Event,
  event,
  OnDeadline,
  OnRefused,
  ProcessManager,
  send,
  When,
  type DueDeadline,
  type Effects,
  type EventMetadata,
  type Refusal,
} from '@gesta/core';
import { given } from './given.js';
import { at, due, old, on, refused, withHeaders } from './happenings.js';

interface Line {
  sku: string;
  quantity: number;
}

@Event('ordering.order-placed', {
  version: 2,
  upcast: { 1: ({ id, lines }: { id: string; lines: Line[] }) => ({ orderId: id, lines }) },
})
class OrderPlaced {
  readonly orderId!: string;
  readonly lines!: Line[];
}
@Event('inventory.stock-reserved')
class StockReserved {
  readonly orderId!: string | undefined;
}
@Event('ordering.order-paid')
class OrderPaid {}
@Event('ordering.order-archived')
class OrderArchived {}

@Command('inventory.reserve-stock', { version: 3, upcast: { 1: (v1) => v1, 2: (v2) => v2 } })
class ReserveStock {
  readonly orderId!: string;
  readonly lines!: Line[];
}
@Command('ordering.confirm-order')
class ConfirmOrder {
  readonly orderId!: string;
  readonly at?: Date | string;
}
@Command('ordering.reject-order')
class RejectOrder {
  readonly orderId!: string;
  readonly reason!: string;
}

@ProcessManager({ name: 'order-fulfilment', startFrom: 'beginning' })
class OrderFulfilment {
  private orderId = '';
  private reserved = false;
  private attempts: string[] = [];

  @When(OrderPlaced, ({ orderId }) => orderId)
  begin({ orderId, lines }: OrderPlaced) {
    this.orderId = orderId;
    this.attempts.push('first');
    return [send(ReserveStock, { orderId, lines }), deadline('reservation', { minutes: 15 })];
  }

  @When(StockReserved, ({ orderId }) => orderId)
  confirm(_event: StockReserved, { recordedAt }: EventMetadata): Effects {
    this.reserved = true;
    return [cancelDeadline('reservation'), send(ConfirmOrder, { orderId: this.orderId, at: recordedAt }), complete()];
  }

  @When(OrderPaid)
  paid(): Effects {
    if (this.attempts.length > 1) throw new RangeError('paid twice');
    this.attempts.push('paid');
    return deadline('reservation', { minutes: 15 });
  }

  @OnRefused(ReserveStock)
  outOfStock({ orderId, lines }: ReserveStock, refusal: Refusal) {
    return [
      send(RejectOrder, { orderId, reason: `${refusal.name}: ${refusal.message} (${lines.length})` }),
      this.end(),
    ];
  }

  @OnDeadline('reservation')
  tooLate({ due: when }: DueDeadline, { recordedAt }: EventMetadata) {
    const late = recordedAt.getTime() - when.getTime();
    return [send(RejectOrder, { orderId: this.orderId, reason: `due ${when.toISOString()}, ${late} ms late` })];
  }

  private end() {
    return complete();
  }
}

const lines = [{ sku: 'shoe', quantity: 2 }];
const placed = event(OrderPlaced, { orderId: '1', lines });
const reserve = send(ReserveStock, { orderId: '1', lines });
const outOfStock = { name: 'OutOfStock', message: 'No shoes' };
const followed =
  'ordering.order-placed, inventory.stock-reserved, ordering.order-paid, gesta.command-refused, gesta.deadline-due';

function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail');
}

const failureOf = (call: () => unknown) => stripVTControlCharacters(errorOf(call).message);

describe('given a process manager', () => {
  it('passes when it asked for the expected effects', () => {
    given(OrderFulfilment)
      .when(placed)
      .then(reserve, deadline('reservation', { minutes: 15 }));
    given(OrderFulfilment, placed)
      .when(event(StockReserved, { orderId: '1' }))
      .then(
        cancelDeadline('reservation'),
        send(ConfirmOrder, { orderId: '1', at: '2026-01-01T00:00:00.000Z' }),
        complete(),
      );
  });

  it('hears an effect that is returned alone, and that changes nothing', () => {
    given(OrderFulfilment, on('ordering-1', placed))
      .when(event(OrderPaid, {}))
      .then(deadline('reservation', { seconds: 900 }));
  });

  it('passes when its state is as expected, looking at the named fields only', () => {
    given(OrderFulfilment, placed)
      .when(event(StockReserved, { orderId: '1' }))
      .thenState({ reserved: true, orderId: '1' });
    given(OrderFulfilment)
      .when(placed)
      .then(reserve, deadline('reservation', { minutes: 15 }))
      .thenState({ attempts: ['first'], noSuchField: undefined });
  });

  it('lets a refused command come back, lifted and with what the refusal says', () => {
    const reject = send(RejectOrder, { orderId: '1', reason: 'OutOfStock: No shoes (1)' });
    given(OrderFulfilment, placed).when(refused(reserve, outOfStock)).then(reject, complete());
    class OutOfStock extends DomainError {}
    given(OrderFulfilment, placed)
      .when(refused(reserve, new OutOfStock('No shoes')))
      .then(reject, complete());
  });

  it('lets a deadline pass when it is due, or later', () => {
    given(OrderFulfilment, at('2026-02-01T10:00:00Z', placed))
      .when(due('reservation'))
      .then(send(RejectOrder, { orderId: '1', reason: 'due 2026-02-01T10:15:00.000Z, 0 ms late' }));
    given(OrderFulfilment, placed)
      .when(at('2026-01-01T00:15:00.500Z', due('reservation')))
      .then(send(RejectOrder, { orderId: '1', reason: 'due 2026-01-01T00:15:00.000Z, 500 ms late' }));
  });

  it('lets a deadline that was moved pass at its new time', () => {
    given(OrderFulfilment, placed, at('2026-01-01T00:10:00Z', on('ordering-1', event(OrderPaid, {}))))
      .when(due('reservation'))
      .then(send(RejectOrder, { orderId: '1', reason: 'due 2026-01-01T00:25:00.000Z, 0 ms late' }));
  });

  it('hears nothing of a deadline once the process is complete, nor of anything else', () => {
    const confirmed = [placed, event(StockReserved, { orderId: '1' })];
    given(OrderFulfilment, ...confirmed)
      .when(due('reservation'))
      .thenNothing();
    given(OrderFulfilment, ...confirmed)
      .when(refused(reserve, outOfStock))
      .thenNothing()
      .thenState({ reserved: true });
    given(OrderFulfilment, ...confirmed)
      .when(placed)
      .thenNothing();
  });

  it('passes when it ignores an event', () => {
    given(OrderFulfilment)
      .when(event(StockReserved, { orderId: undefined }))
      .thenNothing();
  });

  it('keeps its instances apart, and finds the one that a refusal or a deadline is for', () => {
    const other = event(OrderPlaced, { orderId: '2', lines: [] });
    given(OrderFulfilment, placed, other)
      .when(refused(reserve, outOfStock))
      .then(send(RejectOrder, { orderId: '1', reason: 'OutOfStock: No shoes (1)' }), complete());
    given(OrderFulfilment, placed, other)
      .when(due('reservation', '2'))
      .then(send(RejectOrder, { orderId: '2', reason: 'due 2026-01-01T00:15:00.000Z, 0 ms late' }));
    given(OrderFulfilment, placed, other, event(StockReserved, { orderId: '1' })) // which has no deadline left
      .when(due('reservation'))
      .then(send(RejectOrder, { orderId: '2', reason: 'due 2026-01-01T00:15:00.000Z, 0 ms late' }));
  });

  it('may be given refusals and deadlines that came before', () => {
    given(OrderFulfilment, placed, refused(reserve, outOfStock)).when(event(OrderPaid, {})).thenNothing();
    given(OrderFulfilment, placed, due('reservation')).when(due('reservation')).thenNothing();
  });

  it('lifts events that were given in an old version', () => {
    given(OrderFulfilment)
      .when(old('ordering.order-placed', 1, { id: '1', lines }))
      .then(reserve, deadline('reservation', { minutes: 15 }));
  });

  it('takes the id part of the stream for the key where no other is named', () => {
    given(OrderFulfilment, placed)
      .when(on('ordering.order-1', event(OrderPaid, {})))
      .thenState({ orderId: '1', attempts: ['first', 'paid'] });
    given(OrderFulfilment, placed)
      .when(on('ordering.order-2', event(OrderPaid, {})))
      .thenState({ orderId: '', attempts: ['paid'] });
  });

  it('passes over earlier events that the process manager does not follow', () => {
    given(OrderFulfilment, event(OrderArchived, {}), placed)
      .when(event(StockReserved, { orderId: '1' }))
      .thenState({ reserved: true });
  });
});

describe('a process manager that does otherwise', () => {
  it('shows the story and the difference between the effects', () => {
    const failure = failureOf(() =>
      given(OrderFulfilment, withHeaders({ userId: 'bob' }, event(OrderArchived, {})))
        .when(placed)
        .then(
          send(ReserveStock, { orderId: '1', lines: [] }),
          deadline('reservation', { hours: 26, milliseconds: 5 }),
          complete(),
        ),
    );
    expect(failure).toBe(`OrderFulfilment asked for something else

Given:
  ordering.order-archived {} with headers {"userId":"bob"}

When:
  ordering.order-placed {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]}

- Expected
+ Asked for

  Array [
    Object {
      "send inventory.reserve-stock": Object {
-       "lines": Array [],
+       "lines": Array [
+         Object {
+           "quantity": 2,
+           "sku": "shoe",
+         },
+       ],
        "orderId": "1",
      },
    },
-   "deadline 'reservation' in 1 d 2 h 5 ms",
-   "complete",
+   "deadline 'reservation' in 15 min",
  ]`);
  });

  it('shows effects where nothing was expected, and refusals and deadlines in the story', () => {
    const failure = failureOf(() =>
      given(OrderFulfilment, placed, event(OrderPlaced, { orderId: '2', lines }), refused(reserve, outOfStock))
        .when(due('reservation', '2'))
        .thenNothing(),
    );
    expect(failure).toBe(`OrderFulfilment asked for something else

Given:
  ordering.order-placed {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]}
  ordering.order-placed {"orderId":"2","lines":[{"sku":"shoe","quantity":2}]}
  inventory.reserve-stock {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]} refused with OutOfStock: No shoes

When:
  deadline 'reservation' of '2' is due

- Expected
+ Asked for

- Array []
+ Array [
+   Object {
+     "send ordering.reject-order": Object {
+       "orderId": "2",
+       "reason": "due 2026-01-01T00:15:00.000Z, 0 ms late",
+     },
+   },
+ ]`);
  });

  it('tells a deadline that is taken back from one that is set', () => {
    const failure = failureOf(() =>
      given(OrderFulfilment).when(event(OrderPaid, {})).then(cancelDeadline('reservation')),
    );
    expect(failure).toMatch(/\n- {3}"cancelDeadline 'reservation'",\n\+ {3}"deadline 'reservation' in 15 min",\n/);
    expect(
      failureOf(() => given(OrderFulfilment).when(event(OrderPaid, {})).then(deadline('reservation', {}))),
    ).toMatch(/\n- {3}"deadline 'reservation' in 0 ms",\n/);
  });

  it('shows the difference between the named fields', () => {
    const failure = failureOf(() =>
      given(OrderFulfilment)
        .when(event(OrderPaid, {}))
        .thenState({ reserved: true, attempts: ['paid'] }),
    );
    expect(failure).toBe(`OrderFulfilment is in another state

Given:
  nothing

When:
  ordering.order-paid {}

- Expected
+ Remembered

  Object {
    "attempts": Array [
      "paid",
    ],
-   "reserved": true,
+   "reserved": false,
  }`);
  });

  it('says when there is no state to look at', () => {
    expect(
      failureOf(() =>
        given(OrderFulfilment)
          .when(event(StockReserved, { orderId: undefined }))
          .thenState({}),
      ),
    ).toMatch(/^OrderFulfilment remembers nothing of this\n/);
  });

  it('fails when a method throws, with the error as the cause', () => {
    const error = errorOf(() => given(OrderFulfilment, placed, event(OrderPaid, {})).when(event(OrderPaid, {})));
    expect(error.message).toBe('OrderFulfilment failed on ordering.order-paid {}: RangeError: paid twice');
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  it('fails when a method changes its event', () => {
    @ProcessManager({ name: 'greedy', startFrom: 'now' })
    class Greedy {
      taken: Line[] = [];

      @When(OrderPlaced)
      take(placing: OrderPlaced): Effects {
        this.taken = placing.lines.splice(0);
      }
    }
    expect(failureOf(() => given(Greedy).when(placed))).toBe(
      "Greedy changed data.lines[0] from { sku: 'shoe', quantity: 2 } to undefined in the event ordering.order-placed; take a copy",
    );
  });
});

describe('a process scenario that cannot take place', () => {
  it('wants an event that the process manager follows', () => {
    expect(failureOf(() => given(OrderFulfilment).when(event(OrderArchived, {})))).toBe(
      `OrderFulfilment is never given ordering.order-archived {}; it follows ${followed}`,
    );
  });

  it('wants one event, so that it is clear what came of it', () => {
    const failure =
      'when(…) takes one event, so that it is clear what OrderFulfilment made of it; tell the others in given(…)';
    expect(failureOf(() => given(OrderFulfilment).when(on('ordering-1', placed, placed)))).toBe(failure);
    expect(failureOf(() => given(OrderFulfilment).when(on('ordering-1')))).toBe(failure);
  });

  it('wants a refused command to have been sent', () => {
    expect(
      failureOf(() =>
        given(OrderFulfilment, placed).when(refused(send(ReserveStock, { orderId: '1', lines: [] }), outOfStock)),
      ),
    ).toBe(`OrderFulfilment never sent inventory.reserve-stock {"orderId":"1","lines":[]}, so it cannot be refused

Sent:
  inventory.reserve-stock {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]}`);
  });

  it('wants a deadline that is due to have been set', () => {
    expect(failureOf(() => given(OrderFulfilment, placed).when(due('payment'))))
      .toBe(`OrderFulfilment never set the deadline 'payment'

Deadlines set:
  'reservation' of '1', due at 2026-01-01T00:15:00.000Z`);
    expect(failureOf(() => given(OrderFulfilment).when(due('reservation', '7'))))
      .toBe(`The instance '7' of OrderFulfilment never set the deadline 'reservation'

Deadlines set:
  nothing`);
  });

  it('wants to know whose deadline is due where several instances set it', () => {
    const other = event(OrderPlaced, { orderId: '2', lines });
    expect(failureOf(() => given(OrderFulfilment, placed, other).when(due('reservation')))).toBe(
      "Several instances of OrderFulfilment set the deadline 'reservation': '1', '2'; say due('reservation', key)",
    );
  });

  it('does not let a deadline pass before it is due', () => {
    expect(failureOf(() => given(OrderFulfilment, placed).when(at('2026-01-01T00:14:59Z', due('reservation'))))).toBe(
      "The deadline 'reservation' is due at 2026-01-01T00:15:00.000Z, later than 2026-01-01T00:14:59.000Z",
    );
  });

  it('is not awaited', async () => {
    const waiting = async () => await (given(OrderFulfilment).when(placed) as unknown as Promise<void>);
    await expect(waiting()).rejects.toThrow('A scenario is not awaited');
  });
});
