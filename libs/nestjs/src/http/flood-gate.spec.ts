import { once, EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Aggregate, Command, Event, Gesta, Handle, ProcessManager, When, event, memory, send } from '@gesta/core';
import { Controller, Get, Module, Post, type INestApplication } from '@nestjs/common';
import { CommandBus, CommandHandler } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../core/test/until.js';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { configureHttp } from './configure-http.js';
import { FloodGate } from './flood-gate.js';

describe('FloodGate', () => {
  const gateOn = (mostMs: number) => {
    const state = { now: 0, head: 0n, position: 0n, looks: 0, fails: false };
    const work = async () => {
      state.looks++;
      if (state.fails) throw new Error('away');
      return { head: state.head, positions: new Map([['process.a', state.position]]) };
    };
    const gate = new FloodGate({ work }, mostMs, () => state.now);
    const ask = async () => {
      const refusal = gate.refusal();
      await new Promise((resolve) => setImmediate(resolve));
      return refusal;
    };
    return { state, ask };
  };
  const flood = async ({ state, ask }: ReturnType<typeof gateOn>, forMs: number) => {
    for (const end = state.now + forMs; state.now < end; state.now += 100, state.head += 100n, state.position += 10n) {
      const refusal = await ask();
      if (refusal) return refusal;
    }
    return undefined;
  };

  it('opens again once the work is done', async () => {
    const gate = gateOn(5_000);
    const refusal = await flood(gate, 10_000);
    expect(refusal).toMatchObject({ name: 'BacklogTooLong', retryAfterS: expect.any(Number) });
    expect(gate.state.now).toBeLessThan(2_000);
    gate.state.position = gate.state.head;
    gate.state.now += 300;
    await gate.ask();
    expect(await gate.ask()).toBeUndefined();
  });

  it('looks no more than four times a second, and not while nobody asks', async () => {
    const { state, ask } = gateOn(5_000);
    for (; state.now < 1_000; state.now += 1) await ask();
    expect(state.looks).toBeLessThanOrEqual(4);
  });

  it('lets everything through while it knows nothing', async () => {
    const gate = gateOn(5_000);
    expect(await flood(gate, 10_000)).toBeDefined();
    gate.state.now += 3_000;
    gate.state.fails = true;
    expect(await gate.ask()).toBeUndefined();
  });
});

@Event('mill.ordered')
class Ordered {}
class Order {
  constructor(readonly id: string) {}
}
@Command('mill.grind')
class Grind {
  readonly id!: string;
}
@Aggregate({ category: 'mill.order', id: 'id', events: [Ordered] })
class MillOrder {
  @Handle(Order)
  order() {
    return event(Ordered, {});
  }
}
@ProcessManager({ name: 'milling', startFrom: 'beginning' })
class Milling {
  @When(Ordered, () => 'mill')
  ordered(_ordered: Ordered, { streamId }: { streamId: string }) {
    return send(Grind, { id: streamId });
  }
}
const mill = new EventEmitter();
@CommandHandler(Grind)
class Grinder {
  async execute() {
    mill.emit('grinds');
    await once(mill, 'go');
  }
}
let orders = 0;
@Controller('orders')
class OrderController {
  constructor(private readonly commands: CommandBus) {}
  @Post()
  order() {
    return this.commands.execute(new Order(String(orders++)));
  }
  @Get()
  orders() {
    return { orders };
  }
}

describe.each(PLATFORMS)('A flood on $platform', ({ adapter }) => {
  let app: INestApplication;
  afterEach(async () => {
    const opening = setInterval(() => mill.emit('go'), 1);
    await app.close();
    clearInterval(opening);
  });

  it('is answered 503 with Retry-After, what changes nothing is not, and is taken again once the work is done', async () => {
    mill.setMaxListeners(0);
    @Module({
      imports: [GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([MillOrder])],
      providers: [Milling, Grinder],
      controllers: [OrderController],
    })
    class AppModule {}
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter(), { logger: false });
    await configureHttp(app, { maxBacklogMs: 500 }).listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/orders`;
    const order = () => fetch(url, { method: 'POST' });

    const grinding = setInterval(() => mill.emit('go'), 20);
    let refused: Response | undefined;
    await until('the flood is refused', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, order));
      refused = answers.find(({ status }) => status !== 201);
      return refused !== undefined;
    });
    expect(refused!.status).toBe(503);
    expect(Number(refused!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused!.json()).toMatchObject({ type: 'urn:gesta:problem:backlog-too-long' });
    expect((await fetch(url)).status).toBe(200);

    clearInterval(grinding);
    const opened = setInterval(() => mill.emit('go'), 1);
    await until('orders are taken again', async () => (await order()).status === 201);
    await until('all is done', async () => {
      const { head, positions } = await app.get(Gesta).work();
      return [...positions.values()].every((position) => position >= head);
    });
    clearInterval(opened);
  });
});
