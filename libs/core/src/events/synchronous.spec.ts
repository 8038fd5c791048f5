import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Aggregate, Apply, Handle } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import { When, ProcessManager } from '../processes/process-manager.decorator.js';
import { processDefinition } from '../processes/process-definition.js';
import { Reactor } from '../processes/reactor.decorator.js';
import { reactorDefinition } from '../processes/reactor-definition.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { EventRegistry } from './event-registry.js';
import { Event } from './event.decorator.js';

@Event('sync.put')
class Put {
  readonly n!: number;
}
class PutIn {
  constructor(readonly id: string) {}
}

const put = {
  id: '1',
  type: 'sync.put',
  version: 1,
  streamId: 'sync.jar-1',
  revision: 0,
  position: 1n,
  recordedAt: new Date(0),
  commandId: undefined,
  headers: {},
  data: { n: 1 },
};

/** As a compiler for older engines leaves an async function: an ordinary one that returns a promise. */
const rejecting = () => Promise.reject(new Error('later'));
const describes = (prototype: object, method: string) => Object.getOwnPropertyDescriptor(prototype, method) as never;

describe('what has to be pure', () => {
  const rejections: unknown[] = [];
  const hear = (reason: unknown) => void rejections.push(reason);
  beforeEach(() => {
    rejections.length = 0;
    process.on('unhandledRejection', hear);
  });
  afterEach(async () => {
    await nextTurn();
    await nextTurn();
    process.off('unhandledRejection', hear);
    expect(rejections).toEqual([]);
  });

  it('is not declared async: a decision, a fold, a projection, a process manager, a key, an upcaster', () => {
    class Jar {
      async put() {}
      async fold() {}
    }
    Aggregate({ category: 'sync.jar', id: 'id' })(Jar);
    Apply(Put)(Jar.prototype, 'fold', describes(Jar.prototype, 'fold'));
    expect(() => aggregateDefinition(Jar)).toThrow('Jar.fold is async or a generator');
    class Deciding extends Jar {
      override async fold() {}
    }
    Aggregate({ category: 'sync.jar', id: 'id', events: [Put] })(Deciding);
    Handle(PutIn)(Deciding.prototype, 'put', describes(Jar.prototype, 'put'));
    expect(() => aggregateDefinition(Deciding)).toThrow('async');

    class Sum {
      async put() {
        return {};
      }
    }
    Projection({ name: 'sum' })(Sum);
    Project(Put)(Sum.prototype, 'put', describes(Sum.prototype, 'put'));
    expect(() => projectionDefinition(Sum, new Sum())).toThrow('Sum.put is async');

    class ByKey {
      put() {
        return {};
      }
    }
    Projection({ name: 'by-key' })(ByKey);
    Project(Put, (async () => 'a') as never)(ByKey.prototype, 'put', describes(ByKey.prototype, 'put'));
    expect(() => projectionDefinition(ByKey, new ByKey())).toThrow('ByKey: the key for sync.put is async');

    class Plan {
      async put() {}
    }
    ProcessManager({ name: 'plan', startFrom: 'beginning' })(Plan);
    When(Put)(Plan.prototype, 'put', describes(Plan.prototype, 'put'));
    expect(() => processDefinition(Plan)).toThrow('Plan.put is async');

    expect(() =>
      Event('sync.lifted', { version: 2, upcast: { 1: (async () => ({})) as never } })(class Lifted {}),
    ).toThrow('Lifted: the upcaster from version 1 is async');
  });

  it('ends no process by a promise that is rejected, wherever it is returned', () => {
    class Jar {
      fold() {
        return rejecting();
      }
    }
    Aggregate({ category: 'sync.jar', id: 'id' })(Jar);
    Apply(Put)(Jar.prototype, 'fold', describes(Jar.prototype, 'fold'));
    const jar = aggregateDefinition(Jar);
    expect(() => jar.fold(new Jar(), {}, put)).toThrow('Jar.fold folds at once; it returned a promise');
    expect(() => jar.stated(new Jar(), rejecting())).toThrow('a decision is synchronous');

    class Sum {
      put() {
        return rejecting();
      }
    }
    Projection({ name: 'sum' })(Sum);
    Project(Put, rejecting as never)(Sum.prototype, 'put', describes(Sum.prototype, 'put'));
    const sum = projectionDefinition(Sum, new Sum());
    expect(() => sum.fold(put, undefined, 'a')).toThrow(TypeError);
    expect(() => sum.keysOf(put)).toThrow('The key for sync.put is told at once');

    class Plan {
      put() {
        return rejecting();
      }
    }
    ProcessManager({ name: 'plan', startFrom: 'beginning' })(Plan);
    When(Put, rejecting as never)(Plan.prototype, 'put', describes(Plan.prototype, 'put'));
    const plan = processDefinition(Plan);
    expect(() => plan.step(undefined, put)).toThrow('does no I/O');
    expect(() => plan.keyOf(put)).toThrow('Plan: the key for sync.put is told at once');

    class Mail {
      async put() {}
    }
    Reactor({ name: 'mail', startFrom: 'beginning' })(Mail);
    When(Put, rejecting as never)(Mail.prototype, 'put', describes(Mail.prototype, 'put'));
    expect(() => reactorDefinition(Mail, new Mail()).keysOf(put)).toThrow('Mail: the key for sync.put is told at once');

    class Lifted {}
    Event('sync.put', { version: 2, upcast: { 1: rejecting as never } })(Lifted);
    expect(() => new EventRegistry([Lifted]).lift(put)).toThrow('Upcasting sync.put from version 1 failed');
  });

  it('is guarded by type too', () => {
    class Guarded {
      // @ts-expect-error a fold returns nothing, and no promise
      @Apply(Put)
      async fold() {}

      // @ts-expect-error a document is no promise
      @Project(Put)
      async project() {
        return {};
      }
    }
    expect(Guarded).toBeDefined();
    Event('sync.typed', {
      version: 2,
      // @ts-expect-error an upcaster returns data, and no promise
      upcast: { 1: (data: object) => Promise.resolve(data) },
    });
  });
});
