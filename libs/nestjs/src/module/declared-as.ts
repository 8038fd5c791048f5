import type { Class } from '@gesta/core';

/** Whether core's decorator of that kind was put on this very class. */
export function declaredAs(kind: 'projection' | 'process-manager' | 'reactor', candidate: Class): boolean {
  // Core notes a declaration under a symbol that it keeps to itself; what can be seen of it is its description.
  return Object.getOwnPropertySymbols(candidate).some(({ description }) => description === `gesta.${kind}`);
}
