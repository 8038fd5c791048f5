import type { Effect } from '@gesta/core';
import { asJson } from './as-json.js';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** An effect as failure messages show it, and as two of them are compared: equal words, equal effects. */
export function inWords(effect: Effect): string | object {
  switch (effect?.kind) {
    case 'send':
      return { [`send ${effect.type}`]: asJson(effect.data) };
    case 'deadline':
      return `deadline '${effect.name}' in ${duration(effect.afterMs)}`;
    case 'cancel-deadline':
      return `cancelDeadline '${effect.name}'`;
    case 'complete':
      return 'complete';
    default:
      throw new TypeError(`An effect is made by send, deadline, cancelDeadline or complete; not ${String(effect)}`);
  }
}

function duration(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(left / length);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * length;
  }
  if (left > 0 || parts.length === 0) parts.push(`${left} ms`);
  return parts.join(' ');
}
