import { expect, it } from '@jest/globals';
import { Aggregate, Apply, Handle } from '../aggregates/aggregate.decorator.js';
import { Command } from '../messaging/command.decorator.js';
import { OnDeadline, OnRefused, ProcessManager, When } from '../processes/process-manager.decorator.js';
import { Reactor } from '../processes/reactor.decorator.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { Event } from './event.decorator.js';

@Event('legacy.happened')
class Happened {}

type Applied = (...given: unknown[]) => void;

it.each<[string, unknown, 'class' | 'method']>([
  ['Event', Event('legacy.other'), 'class'],
  ['Command', Command('legacy.do'), 'class'],
  ['Aggregate', Aggregate({ category: 'legacy', id: 'id' }), 'class'],
  ['Projection', Projection({ name: 'legacy' }), 'class'],
  ['ProcessManager', ProcessManager({ name: 'legacy', startFrom: 'now' }), 'class'],
  ['Reactor', Reactor({ name: 'legacy', startFrom: 'now' }), 'class'],
  ['Handle', Handle(Happened), 'method'],
  ['Apply', Apply(Happened), 'method'],
  ['Project', Project(Happened), 'method'],
  ['When', When(Happened), 'method'],
  ['OnRefused', OnRefused(Happened), 'method'],
  ['OnDeadline', OnDeadline('late'), 'method'],
])('@%s says that it was compiled as a standard decorator, and leaves nothing on a global', (name, decorator, kind) => {
  const before = Reflect.ownKeys(Function).concat(Reflect.ownKeys(Object), Reflect.ownKeys(Function.prototype));
  const target = kind === 'class' ? class {} : () => undefined;
  const context = {
    kind,
    name: 'anything',
    static: false,
    private: false,
    metadata: {},
    addInitializer: () => undefined,
  };
  expect(() => (decorator as Applied)(target, context)).toThrow(
    new RegExp(`^@${name} was compiled as a standard decorator; set "experimentalDecorators": true`),
  );
  expect(Reflect.ownKeys(Function).concat(Reflect.ownKeys(Object), Reflect.ownKeys(Function.prototype))).toEqual(
    before,
  );
});
