import type { Class } from './class.js';
import { DefinitionError } from './definition-error.js';
import { parseExpressionAt, type Class as ClassNode } from 'acorn';

/** A constructor, whatever it takes. */
type Constructor = abstract new (...args: never[]) => unknown;

/** Where private fields are lowered, by TypeScript, Babel, SWC and esbuild: maps of which `this` is a key. */
const LOWERED = /(?:private_?(?:add|field_?init|fieldinitspec)\w*\(\s*this\b|[\w$]\.(?:set|add)\(\s*this\s*[,)])/i;

/**
 * Refuses a class whose instances are saved and hold what nobody else can see.
 * @param why they are saved, for the message: `has snapshots`
 * @throws {DefinitionError} naming the field
 */
export function refuseHiddenFields(savedClass: Class, why: string): void {
  const create = () => new (savedClass as new () => object)();
  const field = privateFieldOf(savedClass) ?? (isKeptAside(create) ? 'that is kept in a WeakMap' : undefined);
  if (field === undefined) return;
  throw new DefinitionError(
    `${savedClass.name} ${why}, but nobody else can see its field ${field} and save it: make it \`private\` without the #`,
  );
}

/**
 * What an object holds where JSON does not look, in words: symbols, accessors, fields that cannot be enumerated, private
 * fields of its class. `undefined` where all of it is in sight. Accessors of the class are no fields.
 */
export function hiddenIn(object: object): string | undefined {
  const [symbol] = Object.getOwnPropertySymbols(object);
  if (symbol !== undefined) return `the field [${String(symbol)}]`;
  if (Array.isArray(object)) return besideElements(object);
  for (const field of Object.getOwnPropertyNames(object)) {
    const { enumerable, get, set } = Object.getOwnPropertyDescriptor(object, field)!;
    if (get || set) return `the accessor ${field}`;
    if (!enumerable) return `the field ${field}, which cannot be enumerated`;
  }
  if (isPlainObject(object)) return undefined;
  const { constructor } = object as { constructor?: unknown };
  const hidden = isConstructor(constructor) ? privateFieldOf(constructor) : undefined;
  return hidden && `the private field ${hidden}`;
}

/** Whether it is of no class, also when another realm made it. */
export function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

function besideElements(array: readonly unknown[]): string | undefined {
  const names = Object.getOwnPropertyNames(array);
  if (names.length - 1 <= array.length) return undefined; // one of them is `length`
  return `the field ${names.find((name) => name !== 'length' && !/^\d+$/.test(name))} beside its elements`;
}

/**
 * Whether the instance that is made is a key of some WeakMap or WeakSet when it is: private fields that a compiler has
 * lowered are kept so, under whatever names a minifier gives.
 */
export function isKeptAside(create: () => object): boolean {
  const keys = new Set<unknown>();
  const { set } = WeakMap.prototype;
  const { add } = WeakSet.prototype;
  const watched = {
    set(this: WeakMap<WeakKey, unknown>, key: WeakKey, value: unknown) {
      keys.add(key);
      return set.call(this, key, value);
    },
    add(this: WeakSet<WeakKey>, key: WeakKey) {
      keys.add(key);
      return add.call(this, key);
    },
  };
  const install = (prototype: object, method: string, value: unknown) =>
    Object.defineProperty(prototype, method, { value, configurable: true, writable: true });
  install(WeakMap.prototype, 'set', watched.set);
  install(WeakSet.prototype, 'add', watched.add);
  try {
    return keys.has(create());
  } finally {
    install(WeakMap.prototype, 'set', set);
    install(WeakSet.prototype, 'add', add);
  }
}

const known = new WeakMap<Constructor, { readonly field: string | undefined }>();

/** A private field (no method, and none of the class itself) that instances of the class have, if there is one. */
export function privateFieldOf(constructor: Constructor): string | undefined {
  const before = known.get(constructor);
  if (before) return before.field;
  const parent = Object.getPrototypeOf(constructor) as unknown;
  const inherited = isConstructor(parent) ? privateFieldOf(parent) : undefined;
  const field = inherited ?? declaredIn(Function.prototype.toString.call(constructor));
  known.set(constructor, { field });
  return field;
}

function isConstructor(candidate: unknown): candidate is Constructor {
  return typeof candidate === 'function' && candidate !== Function.prototype;
}

/** The source is what the engine has of the class, after whatever compiler. */
function declaredIn(source: string): string | undefined {
  const lowered = LOWERED.exec(source);
  if (!source.startsWith('class')) return lowered ? 'that a compiler has put aside' : undefined;
  try {
    const { body } = parseExpressionAt(source, 0, { ecmaVersion: 'latest' }) as unknown as ClassNode;
    for (const member of body.body) {
      if (member.type === 'PropertyDefinition' && !member.static && member.key.type === 'PrivateIdentifier')
        return `#${member.key.name}`;
    }
  } catch {
    // Syntax that this parser does not know yet: then what looks like a private field is one.
    const [, field] = /(?:^|[{};\n]|\*\/)\s*(#[^\s=;{}()]+)\s*[=;}\n]/.exec(source) ?? [];
    if (field) return field;
  }
  return lowered ? 'that a compiler has put aside' : undefined;
}
