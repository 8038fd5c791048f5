import { setTimeout as delay } from 'node:timers/promises';
import type { Marketplace } from '../processes/marketplace.js';

/** Within what time it is to be said that something cannot be right, in milliseconds. */
export const LOUD_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 3_000;

/** How a marketplace took it that something cannot be right. */
export interface Loudness {
  readonly name: string;
  /** After how long it said so, in milliseconds; `undefined` where it did not in time. */
  readonly afterMs: number | undefined;
}

/**
 * Waits until every marketplace says so: by its readiness, with the reason, or by a line.
 * @param says what is said of it
 */
export function loudness(marketplaces: readonly Marketplace[], says: RegExp): Promise<readonly Loudness[]> {
  return Promise.all(marketplaces.map((marketplace) => loudnessOf(marketplace, says)));
}

export function inWords(heard: readonly Loudness[]): string {
  return heard
    .map(({ name, afterMs }) => `${name} ${afterMs === undefined ? 'said nothing' : `said so after ${afterMs} ms`}`)
    .join(', ');
}

async function loudnessOf(marketplace: Marketplace, says: RegExp): Promise<Loudness> {
  const { name, url } = marketplace;
  const began = performance.now();
  const before = marketplace.saidInAll;
  while (performance.now() - began < LOUD_WITHIN_MS) {
    if (says.test(marketplace.saidSince(before)) || says.test(await unready(url)))
      return { name, afterMs: Math.round(performance.now() - began) };
    await delay(LOOK_EVERY_MS);
  }
  return { name, afterMs: undefined };
}

/** Why it is not ready; nothing where it is, or does not answer. */
async function unready(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await answer.text();
    return answer.status === 503 ? text : '';
  } catch {
    return '';
  }
}
