import { describe, expect, it } from '@jest/globals';
import { Aggregate } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import { ProcessManager, When } from '../processes/process-manager.decorator.js';
import { processDefinition } from '../processes/process-definition.js';
import type { Class } from './class.js';
import { Event, eventDefinition } from './event.decorator.js';
import { hiddenIn, privateFieldOf } from './hidden-fields.js';
import { NotJson, toJson, type JsonObject } from './json.js';

@Event('hide.told')
class Told {
  readonly what!: string;
}

/** A process manager of the class, whatever that is. */
function managing(processClass: Class): Class {
  ProcessManager({ name: 'hiding', startFrom: 'beginning' })(processClass);
  const prototype = processClass.prototype as { told: (event: Told) => void };
  When(Told)(prototype, 'told', Object.getOwnPropertyDescriptor(prototype, 'told') as never);
  return processClass;
}
const saved = (aggregateClass: Class): Class => {
  Aggregate({ category: 'hide.saved', id: 'id', snapshot: { every: 1 } })(aggregateClass as never);
  return aggregateClass;
};

/** What compilers and minifiers make of `class Hiding { #what = 'nothing'; told({ what }) { this.#what = what; } }`. */
const lowered: Record<string, () => Class> = {
  native: () =>
    class Hiding {
      #what = 'nothing';
      told({ what }: Told) {
        this.#what = what;
      }
      get what() {
        return this.#what;
      }
    },
  'native, minified, with a name beyond ASCII': () =>
    new Function('return class{#größe=0;told(e){this.#größe=e.what}}')() as Class,
  'native, behind a comment and a string with braces': () =>
    new Function("return class { a = '}#b;'; /* } */ #what\n told({ what }) { this.#what = what } }")() as Class,
  'by TypeScript': () =>
    new Function(
      'var _H_what; class H { constructor() { _H_what.set(this, "nothing"); } told() {} } _H_what = new WeakMap(); return H;',
    )() as Class,
  'by esbuild, minified': () =>
    new Function(
      'var t=(o,k,v)=>k instanceof WeakSet?k.add(o):k.set(o,v);var w=new WeakMap;class H{constructor(){t(this,w,"nothing")}told(){}}return H',
    )() as Class,
};

describe('a class whose instances are saved', () => {
  for (const [how, make] of Object.entries(lowered)) {
    it(`may have no private field: ${how}`, () => {
      expect(() => processDefinition(managing(make()))).toThrow(/is a process manager.* nobody else can see its field/);
      expect(() => aggregateDefinition(saved(make()))).toThrow(/has snapshots, but nobody else can see its field/);
    });
  }

  it('may inherit none either', () => {
    class Parent {
      #what = '';
      told({ what }: Told) {
        this.#what += what;
      }
      get heard() {
        return this.#what;
      }
    }
    expect(() => processDefinition(managing(class Child extends Parent {}))).toThrow('#what');
  });

  it('may have private methods and static fields, which are no state of it', () => {
    class Fine {
      static #made = 0;
      count = 0;
      told() {
        this.#add();
      }
      #add() {
        this.count += 1 + Fine.#made * 0;
      }
    }
    expect(() => processDefinition(managing(Fine))).not.toThrow();
    expect(privateFieldOf(Fine)).toBeUndefined();
  });

  const step = (processClass: Class) => {
    const event = {
      id: '1',
      type: eventDefinition(Told).type,
      version: 1,
      streamId: 'hide.talk-1',
      revision: 0,
      position: 1n,
      recordedAt: new Date(0),
      commandId: undefined,
      headers: {},
      data: { what: 'x' } as JsonObject,
    };
    return processDefinition(managing(processClass)).step(undefined, event);
  };

  it.each([
    ['a symbol', (self: object) => Object.assign(self, { [Symbol('seen')]: 1 }), 'with the field [Symbol(seen)]'],
    ['an accessor', (self: object) => Object.defineProperty(self, 'n', { get: () => 1 }), 'with the accessor n'],
    ['what cannot be enumerated', (self: object) => Object.defineProperty(self, 'n', { value: 1 }), 'with the field n'],
    ['a map', (self: object) => Object.assign(self, { seen: new Map() }), 'Telling.seen is a Map'],
    ['a weak map', (self: object) => Object.assign(self, { seen: new WeakMap() }), 'Telling.seen is a WeakMap'],
    [
      'a date, which would be a text when it is read again',
      (self: object) => Object.assign(self, { at: new Date() }),
      'Telling.at is a Date',
    ],
    [
      'a symbol deep down',
      (self: object) => Object.assign(self, { a: [{ b: { [Symbol('x')]: 1 } }] }),
      'Telling.a[0].b is an object with the field [Symbol(x)]',
    ],
    [
      'a field beside the elements of an array',
      (self: object) => Object.assign(self, { a: Object.assign([1], { x: 1 }) }),
      'Telling.a is an array with the field x beside its elements',
    ],
    ['an instance of a class', (self: object) => Object.assign(self, { told: new Told() }), 'is a Told'],
  ])('may hold no %s, and the path is named', (_, hold, message) => {
    class Telling {
      what = '';
      told(_told: Told) {
        hold(this);
      }
    }
    expect(() => step(Telling)).toThrow(message);
  });
});

describe('an event or a document', () => {
  class Secret {
    readonly shown = 1;
    #hidden = 2;
    get both() {
      return this.shown + this.#hidden;
    }
  }
  it.each<[string, unknown]>([
    ['with a private field beside others', new Secret()],
    ['of the platform that keeps its fields to itself', new Headers({ a: 'b' })],
    ['of bytes', new Blob(['a'])],
    ['that iterates', [1, 2].values()],
    ['that generates', (function* () {})()],
    ['with a view of memory', new Uint8Array(2)],
    ['of parameters', new URLSearchParams('a=b')],
    ['with a symbol of its class', Object.assign(new (class Plain {})(), { [Symbol('x')]: 1 })],
  ])('holds no object %s, of which JSON would drop something', (_, value) => {
    expect(() => toJson({ nested: [value] })).toThrow(NotJson);
    expect(() => toJson({ nested: [value] })).toThrow('nested[0] is a');
  });

  it('holds instances of classes whose fields are in sight, and what says itself how it is JSON', () => {
    class Money {
      constructor(readonly amount: number) {}
      get doubled() {
        return this.amount * 2;
      }
    }
    const at = new Date(0);
    const url = new URL('https://example.org/a');
    expect(toJson({ price: new Money(5), at, url })).toEqual({ price: { amount: 5 }, at: at.toJSON(), url: url.href });
    expect(hiddenIn(new Money(5))).toBeUndefined();
  });

  it('may be made of a class without any fields', () => {
    class Nothing {}
    expect(toJson(new Nothing())).toEqual({});
  });
});
