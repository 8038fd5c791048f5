/** Notes on a class what a method decorator declares; subclasses see their parents' notes, and do not add to them. */
export function declare<D>(prototype: object, kind: symbol, declaration: D): void {
  const constructor = prototype.constructor;
  const own = Object.hasOwn(constructor, kind) ? (constructor as unknown as Record<symbol, D[]>)[kind]! : [];
  if (own.length === 0) Object.defineProperty(constructor, kind, { value: own });
  own.push(declaration);
}

/** What method decorators declared on the class and its parents, parents first. */
export function declarations<D>(constructor: object, kind: symbol): D[] {
  const found: D[][] = [];
  for (
    let at: object | null = constructor;
    at && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (Object.hasOwn(at, kind)) found.unshift((at as Record<symbol, D[]>)[kind]!);
  }
  return found.flat();
}

/** What a class decorator declared on this very class. */
export function ownDeclaration<D>(constructor: object, kind: symbol): D | undefined {
  return Object.hasOwn(constructor, kind) ? (constructor as Record<symbol, D>)[kind] : undefined;
}
