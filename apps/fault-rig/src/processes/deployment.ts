/** What is deployed: the code as it is, unless something is said. */
export interface Deployment {
  /** Whether its folds can take the poison, as after a fix. */
  readonly mended?: boolean;
  /** What the version before did not have yet, such as `OrderFulfilment.reserved`. */
  readonly lacks?: string;
  /** By how much the clock of its machine is ahead, in milliseconds; behind where it is below 0. */
  readonly clockAheadMs?: number;
}

const MENDED_FOLDS = new URL('../audit/mended-folds.js', import.meta.url).href;
const VERSION_BEFORE = new URL('./version-before.js', import.meta.url).href;
const SHIFTED_CLOCK = new URL('./shifted-clock.js', import.meta.url).href;

/** What Node is to load before the program. */
export function loadedBefore({ mended, lacks, clockAheadMs }: Deployment): readonly string[] {
  const modules = [
    ...(clockAheadMs === undefined ? [] : [SHIFTED_CLOCK]),
    ...(lacks === undefined ? [] : [VERSION_BEFORE]),
    ...(mended ? [MENDED_FOLDS] : []),
  ];
  return modules.flatMap((module) => ['--import', module]);
}

/** What these modules read. */
export function environmentOf({ lacks, clockAheadMs }: Deployment): NodeJS.ProcessEnv {
  return {
    ...(lacks !== undefined && { FAULT_RIG_LACKS: lacks }),
    ...(clockAheadMs !== undefined && { FAULT_RIG_CLOCK_AHEAD_MS: String(clockAheadMs) }),
  };
}
