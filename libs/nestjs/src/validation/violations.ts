import type { Violation } from '@gesta/core';

/** What class-validator found, in the shape that it and Nest's ValidationPipe give it. */
export interface FoundError {
  readonly property?: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly FoundError[];
}

/** Every broken rule with its field's path: `lines[0].quantity`. */
export function violationsOf(errors: readonly FoundError[], parent = ''): Violation[] {
  return errors.flatMap(({ property = '', constraints, children = [] }) => {
    const field = pathTo(parent, property);
    const rules = Object.values(constraints ?? {});
    const own: Violation[] = rules.length > 0 ? [{ field, rules }] : [];
    return [...own, ...violationsOf(children, field)];
  });
}

function pathTo(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}
