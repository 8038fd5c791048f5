import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Aggregate, Apply, DomainError, Event, event, Handle, UnknownEvent, type StreamMetadata } from '@gesta/core';
import { given } from './given.js';
import { at, due, old, on, withHeaders } from './happenings.js';

interface Line {
  sku: string;
  quantity: number;
}

@Event('ordering.order-placed', {
  version: 2,
  aliases: ['ordering.order-made'],
  upcast: { 1: ({ orderId, items }: { orderId: string; items: Line[] }) => ({ orderId, lines: items }) },
})
class OrderPlaced {
  readonly orderId!: string;
  readonly lines!: Line[];
}

@Event('ordering.order-confirmed')
class OrderConfirmed {
  readonly orderId!: string;
  readonly on!: Date | string;
}

@Event('ordering.order-cancelled')
class OrderCancelled {
  readonly orderId!: string;
  readonly reason?: string | undefined;
}

@Event('payment.paid')
class Paid {}

class PlaceOrder {
  constructor(
    readonly orderId: string,
    readonly lines: Line[] = [],
  ) {}
}
class ConfirmOrder {
  constructor(
    readonly orderId: string,
    readonly on: Date = new Date('2026-05-01T12:00:00Z'),
  ) {}
}
class CancelOrder {
  constructor(
    readonly orderId: string,
    readonly reason?: string,
  ) {}
}
class DescribeOrder {
  constructor(readonly orderId: string) {}
}
class ShipOrder {
  constructor(readonly orderId: string) {}
}

class OrderAlreadyConfirmed extends DomainError {}
class OrderUnknown extends DomainError {}

@Event('ordering.order-described')
class OrderDescribed {
  readonly text!: string;
}

@Aggregate({ category: 'ordering.order', id: 'orderId', events: [OrderDescribed] })
class Order {
  private status = 'none';
  private lines: Line[] = [];
  private told: string[] = [];

  @Handle(PlaceOrder)
  place({ orderId, lines }: PlaceOrder) {
    return this.status === 'none' ? event(OrderPlaced, { orderId, lines }) : undefined;
  }

  @Handle(ConfirmOrder)
  confirm({ orderId, on: when }: ConfirmOrder) {
    return event(OrderConfirmed, { orderId, on: when });
  }

  @Handle(CancelOrder)
  cancel({ orderId, reason }: CancelOrder) {
    if (this.status === 'none') throw new OrderUnknown(`There is no order ${orderId}`);
    if (this.status === 'confirmed') throw new OrderAlreadyConfirmed(`Order ${orderId} is confirmed`);
    if (reason === 'bug') throw new TypeError('reason is not a bug');
    return [event(OrderCancelled, { orderId, reason })];
  }

  @Handle(DescribeOrder)
  describe() {
    return event(OrderDescribed, { text: [this.status, ...this.lines.map(({ sku }) => sku), ...this.told].join(' ') });
  }

  @Apply(OrderPlaced)
  placed({ lines }: OrderPlaced, { streamId, revision, headers }: StreamMetadata) {
    this.status = 'placed';
    this.lines = lines;
    this.told.push(`${streamId}@${revision}${headers.userId === undefined ? '' : ` by ${headers.userId}`}`);
  }

  @Apply(OrderConfirmed)
  confirmed({ on: when }: OrderConfirmed) {
    this.status = 'confirmed';
    this.told.push(typeof when);
  }

  @Apply(OrderCancelled)
  cancelled() {
    this.status = 'cancelled';
  }
}

const ofShoes = { orderId: '1', lines: [{ sku: 'shoe', quantity: 2 }] };
const placed = event(OrderPlaced, ofShoes);
const confirmed = event(OrderConfirmed, { orderId: '1', on: '2026-05-01T12:00:00.000Z' });

function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail');
}

const failureOf = (call: () => unknown) => stripVTControlCharacters(errorOf(call).message);

describe('given an aggregate', () => {
  it('passes when the decision states the expected events', () => {
    given(Order, placed)
      .when(new CancelOrder('1', 'too late'))
      .then(event(OrderCancelled, { orderId: '1', reason: 'too late' }));
    given(Order).when(new PlaceOrder('1', ofShoes.lines)).then(placed);
  });

  it('passes when nothing was expected and nothing was stated', () => {
    given(Order, placed).when(new PlaceOrder('1')).thenNothing();
  });

  it('passes when the expected refusal came, by its class, its whole message or a pattern', () => {
    const cancelling = given(Order, placed, confirmed).when(new CancelOrder('1'));
    cancelling.thenRefused(OrderAlreadyConfirmed);
    cancelling.thenRefused(DomainError);
    cancelling.thenRefused(OrderAlreadyConfirmed, 'Order 1 is confirmed');
    cancelling.thenRefused(OrderAlreadyConfirmed, /is confirmed$/);
  });

  it('compares as JSON: dates are text, and what is undefined is not there', () => {
    given(Order, placed)
      .when(new ConfirmOrder('1'))
      .then(event(OrderConfirmed, { orderId: '1', on: '2026-05-01T12:00:00.000Z' }));
    given(Order, placed)
      .when(new ConfirmOrder('1'))
      .then(event(OrderConfirmed, { orderId: '1', on: new Date('2026-05-01T12:00:00Z') }));
    given(Order, placed)
      .when(new CancelOrder('1'))
      .then(event(OrderCancelled, { orderId: '1' }));
  });

  it('folds what was given as it comes from a store: through JSON, on the stream that the command names', () => {
    given(Order, placed, event(OrderConfirmed, { orderId: '1', on: new Date() }))
      .when(new DescribeOrder('1'))
      .then(event(OrderDescribed, { text: 'confirmed shoe ordering.order-1@0 string' }));
  });

  it('lifts events that were given in an old version or under an old name', () => {
    given(Order, old('ordering.order-made', 1, { orderId: '1', items: [{ sku: 'hat', quantity: 1 }] }))
      .when(new DescribeOrder('1'))
      .then(event(OrderDescribed, { text: 'placed hat ordering.order-1@0' }));
  });

  it('gives events the headers that are written around them', () => {
    given(Order, withHeaders({ userId: 'alice' }, on('ordering.order-1', at('2026-02-03', placed))))
      .when(new DescribeOrder('1'))
      .then(event(OrderDescribed, { text: 'placed shoe ordering.order-1@0 by alice' }));
  });

  it('begins anew with each command', () => {
    const order = given(Order, placed);
    order.when(new CancelOrder('1')).then(event(OrderCancelled, { orderId: '1' }));
    order.when(new CancelOrder('1')).then(event(OrderCancelled, { orderId: '1' }));
  });
});

describe('an aggregate that does otherwise', () => {
  it('shows the story and the difference between the events', () => {
    const failure = failureOf(() =>
      given(Order, placed)
        .when(new CancelOrder('1', 'bored'))
        .then(event(OrderCancelled, { orderId: '1', reason: 'too late' })),
    );
    expect(failure).toBe(`Order decided otherwise on CancelOrder

Given:
  ordering.order-placed {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]}

When:
  CancelOrder { orderId: '1', reason: 'bored' }

- Expected
+ Decided

  Array [
    Object {
      "ordering.order-cancelled": Object {
        "orderId": "1",
-       "reason": "too late",
+       "reason": "bored",
      },
    },
  ]`);
  });

  it('shows events where nothing was expected', () => {
    expect(failureOf(() => given(Order).when(new PlaceOrder('1')).thenNothing()))
      .toBe(`Order decided otherwise on PlaceOrder

Given:
  nothing

When:
  PlaceOrder { orderId: '1', lines: [] }

- Expected
+ Decided

- Array []
+ Array [
+   Object {
+     "ordering.order-placed": Object {
+       "lines": Array [],
+       "orderId": "1",
+     },
+   },
+ ]`);
  });

  it('shows a refusal where events were expected, with the error as the cause', () => {
    const error = errorOf(() =>
      given(
        Order,
        old('ordering.order-placed', 1, { orderId: '1', items: [] }),
        withHeaders({ userId: 'bob' }, confirmed),
      )
        .when(new CancelOrder('1'))
        .then(event(OrderCancelled, { orderId: '1' })),
    );
    expect(error.message).toBe(`Order refused CancelOrder with OrderAlreadyConfirmed: Order 1 is confirmed

Given:
  ordering.order-placed in version 1 {"orderId":"1","items":[]}
  ordering.order-confirmed {"orderId":"1","on":"2026-05-01T12:00:00.000Z"} with headers {"userId":"bob"}

When:
  CancelOrder { orderId: '1', reason: undefined }

Expected:
  ordering.order-cancelled {"orderId":"1"}`);
    expect(error.cause).toBeInstanceOf(OrderAlreadyConfirmed);
  });

  it('shows the events that came instead of a refusal', () => {
    expect(failureOf(() => given(Order, placed).when(new CancelOrder('1')).thenRefused(OrderAlreadyConfirmed)))
      .toBe(`Order did not refuse CancelOrder; expected OrderAlreadyConfirmed

Given:
  ordering.order-placed {"orderId":"1","lines":[{"sku":"shoe","quantity":2}]}

When:
  CancelOrder { orderId: '1', reason: undefined }

Decided:
  ordering.order-cancelled {"orderId":"1"}`);
  });

  it('shows a refusal that is another than expected', () => {
    const cancelling = given(Order, placed, confirmed).when(new CancelOrder('1'));
    expect(failureOf(() => cancelling.thenRefused(OrderUnknown))).toMatch(
      /^Order refused CancelOrder with OrderAlreadyConfirmed: Order 1 is confirmed; expected OrderUnknown\n/,
    );
    expect(failureOf(() => cancelling.thenRefused(OrderAlreadyConfirmed, 'Order 1'))).toMatch(
      /^Order refused .*: Order 1 is confirmed; expected OrderAlreadyConfirmed with the message 'Order 1'\n/,
    );
    expect(failureOf(() => cancelling.thenRefused(OrderAlreadyConfirmed, /^is/))).toMatch(
      /^Order refused .*: Order 1 is confirmed; expected OrderAlreadyConfirmed with the message \/\^is\/\n/,
    );
    expect(errorOf(() => cancelling.thenRefused(OrderUnknown)).cause).toBeInstanceOf(OrderAlreadyConfirmed);
  });

  it('takes an error that is no DomainError for what production takes it for: a technical failure', () => {
    const cancelling = given(Order, placed).when(new CancelOrder('1', 'bug'));
    const error = errorOf(() => cancelling.thenNothing());
    expect(error.message).toMatch(/^Order failed on CancelOrder with TypeError: reason is not a bug\n/);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(failureOf(() => cancelling.thenRefused(TypeError))).toMatch(
      /^Order failed on CancelOrder with TypeError: reason is not a bug; a refusal is a DomainError, all else is taken for a technical failure\n/,
    );
  });
});

describe('an aggregate scenario that cannot take place', () => {
  it('wants an instance of a command that is handled', () => {
    const known = 'PlaceOrder, ConfirmOrder, CancelOrder, DescribeOrder';
    expect(failureOf(() => given(Order).when(new ShipOrder('1')))).toBe(
      `Order does not handle ShipOrder; it handles ${known}`,
    );
    expect(failureOf(() => given(Order).when({ orderId: '1' }))).toBe(
      `when(…) takes an instance of a command that Order handles: ${known}`,
    );
    expect(failureOf(() => given(Order).when(placed))).toMatch(/^when\(…\) takes an instance of a command/);
  });

  it('wants the command to name the aggregate', () => {
    expect(failureOf(() => given(Order).when(new PlaceOrder('')))).toBe(
      'PlaceOrder names no aggregate: orderId is empty',
    );
    expect(failureOf(() => given(Order).when(new PlaceOrder(undefined as unknown as string)))).toBe(
      'PlaceOrder names no aggregate: orderId is undefined',
    );
  });

  it('refuses an event that the aggregate does not know, as the repository does', () => {
    const error = errorOf(() => given(Order, placed, event(Paid, {})).when(new CancelOrder('1')));
    expect(error).toBeInstanceOf(UnknownEvent);
    expect(error.message).toBe('No event class is known for payment.paid at revision 1 of ordering.order-1');
  });

  it('refuses an event of another stream', () => {
    expect(failureOf(() => given(Order, on('ordering.order-2', placed)).when(new CancelOrder('1')))).toBe(
      'Order sees its own stream only: the command is for ordering.order-1, but ordering.order-placed was given on ordering.order-2',
    );
  });

  it('refuses deadlines, and what is no event at all', () => {
    expect(failureOf(() => given(Order, due('x')).when(new CancelOrder('1')))).toBe(
      'Order is an aggregate: refusals and deadlines are for process managers',
    );
    const notAnEvent = new OrderPlaced() as unknown as typeof placed;
    expect(failureOf(() => given(Order, notAnEvent).when(new CancelOrder('1')))).toBe(
      'A scenario is told in events, made by event(…), on(…), at(…) or old(…); not an instance of OrderPlaced',
    );
    expect(failureOf(() => given(Order, undefined as unknown as typeof placed).when(new CancelOrder('1')))).toMatch(
      /not undefined$/,
    );
  });

  it('refuses data that JSON cannot hold, given or decided', () => {
    const given1 = event(OrderPlaced, { orderId: '1', lines: [{ sku: 'a', quantity: NaN }] });
    expect(failureOf(() => given(Order, given1).when(new CancelOrder('1')))).toBe(
      'lines[0].quantity is NaN, which JSON cannot hold',
    );
    const decided = given(Order).when(new PlaceOrder('1', [{ sku: 'a', quantity: Infinity }]));
    expect(failureOf(() => decided.thenNothing())).toMatch(
      /^Order failed on PlaceOrder with NotJson: lines\[0\]\.quantity is Infinity, which JSON cannot hold\n/,
    );
  });

  it('is not awaited', async () => {
    const waiting = async () => await (given(Order, placed).when(new CancelOrder('1')) as unknown as Promise<void>);
    await expect(waiting()).rejects.toThrow('A scenario is not awaited');
  });
});

describe('an aggregate that is not pure', () => {
  class Touch {
    constructor(
      readonly id: string,
      readonly how: (counter: Counter) => void = () => undefined,
      readonly tags: string[] = [],
    ) {}
  }
  class Tag {
    readonly tags: string[] = [];
    readonly id = '1';
  }

  @Event('counting.counted')
  class Counted {
    readonly steps!: number[];
  }
  @Event('counting.broken')
  class Broken {}

  @Aggregate({ category: 'counting.counter', id: 'id' })
  class Counter {
    count = { total: 0, steps: [] as number[] };
    names = new Map([['a', { of: 1 }]]);
    since = new Date(0);
    readonly double = (x: number) => 2 * x;
    self: unknown = this;

    @Handle(Touch)
    touch({ how }: Touch) {
      how(this);
      return event(Counted, { steps: [1] });
    }

    @Handle(Tag)
    tag({ tags }: Tag) {
      tags.push('seen');
      return event(Broken, {});
    }

    @Apply(Counted)
    counted({ steps }: Counted) {
      this.count.total += steps.pop() ?? 0;
    }

    @Apply(Broken)
    broken() {
      throw new RangeError('out of order');
    }
  }

  @Aggregate({ category: 'counting.tidy', id: 'id' })
  class TidyCounter extends Counter {
    @Apply(Counted)
    override counted({ steps }: Counted) {
      this.count.steps = steps;
      this.count.steps = [...steps, 0];
      this.count.total++;
    }
  }

  const touched = (how: (counter: Counter) => void) =>
    failureOf(() => given(TidyCounter, event(Counted, { steps: [1] })).when(new Touch('1', how)));

  it('fails when a decision changes a field, naming it', () => {
    const explained = 'while it decided on Touch; a decision returns events, and @Apply methods change fields';
    expect(touched((counter) => counter.count.total++)).toBe(
      `TidyCounter changed its field count.total from 1 to 2 ${explained}`,
    );
    expect(touched((counter) => (counter.count.steps[1] = 5))).toBe(
      `TidyCounter changed its field count.steps[1] from 0 to 5 ${explained}`,
    );
    expect(touched((counter) => counter.count.steps.push(7))).toBe(
      `TidyCounter changed its field count.steps[2] from undefined to 7 ${explained}`,
    );
    expect(touched((counter) => (counter.names.get('a')!.of = 2))).toBe(
      `TidyCounter changed its field names from Map(1) { 'a' => { of: 1 } } to Map(1) { 'a' => { of: 2 } } ${explained}`,
    );
    expect(touched((counter) => counter.since.setFullYear(2000))).toMatch(
      /^TidyCounter changed its field since from 1970-.* to 2000-/,
    );
    expect(touched((counter) => Object.assign(counter, { extra: 1 }))).toMatch(
      /^TidyCounter changed its field extra from undefined to 1 /,
    );
  });

  it('fails when a decision changes a field and then refuses', () => {
    class No extends DomainError {}
    expect(
      touched((counter) => {
        counter.count.total = 9;
        throw new No('no');
      }),
    ).toMatch(/^TidyCounter changed its field count\.total from 1 to 9 /);
  });

  it('passes when a decision leaves all as it is, also fields that no store could keep', () => {
    given(TidyCounter)
      .when(new Touch('1'))
      .then(event(Counted, { steps: [1] }));
  });

  it('fails when a decision changes the command', () => {
    expect(failureOf(() => given(TidyCounter).when(new Tag()))).toBe(
      "TidyCounter changed tags[0] from undefined to 'seen' in the command Tag",
    );
  });

  it('fails when a fold changes its event, given or decided', () => {
    const failure =
      'Counter changed data.steps[0] from 1 to undefined in the event counting.counted that it folds; take a copy';
    expect(failureOf(() => given(Counter, event(Counted, { steps: [1] })).when(new Touch('1')))).toBe(failure);
    expect(failureOf(() => given(Counter).when(new Touch('1')))).toBe(failure);
  });

  it('fails when a fold throws', () => {
    const error = errorOf(() => given(Counter, event(Broken, {})).when(new Touch('1')));
    expect(error.message).toBe('Counter failed to fold counting.broken: RangeError: out of order');
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  it('leaves what the test gave as it was', () => {
    const steps = [1];
    expect(() => given(Counter, event(Counted, { steps })).when(new Touch('1'))).toThrow();
    expect(steps).toEqual([1]);
  });
});
