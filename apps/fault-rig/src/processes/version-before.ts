import 'reflect-metadata';
import type { Class } from '@gesta/core';
import * as inventory from '@marketplace/inventory/parts';
import * as ordering from '@marketplace/ordering/parts';

/**
 * The version before, which does not have a handler yet: loaded before an application, it takes what decorators have
 * declared for the method away.
 */
const [className, method] = process.env.FAULT_RIG_LACKS!.split('.');
const classes: readonly Class[] = [inventory, ordering].flatMap(({ aggregates, processes }) => [
  ...aggregates,
  ...processes,
]);
const lacking = classes.find(({ name }) => name === className);
let taken = 0;
for (const kind of lacking ? Object.getOwnPropertySymbols(lacking) : []) {
  const declared = (lacking as unknown as Record<symbol, unknown>)[kind];
  if (!Array.isArray(declared)) continue;
  const kept = declared.filter((declaration: { method?: string }) => declaration.method !== method);
  taken += declared.length - kept.length;
  declared.splice(0, declared.length, ...(kept as unknown[]));
}
if (taken === 0) throw new Error(`${className} has no handler ${method} that could be lacking`);
