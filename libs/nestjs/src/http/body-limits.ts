/** How much a request may ask to be looked at. What is more is refused before anything looks at it. */
export interface BodyLimits {
  /** How many values a body may hold, in all: texts, numbers, objects, arrays and what is in them; 5,000 when absent. */
  maxValues?: number;
  /** How many elements one array may have; 1,000 when absent. */
  maxElements?: number;
  /** How many fields one object may have; 250 when absent. */
  maxFields?: number;
  /** How deep objects and arrays may be nested; 32 when absent. */
  maxDepth?: number;
}

export const DEFAULT_LIMITS: Required<BodyLimits> = {
  maxValues: 5_000,
  maxElements: 1_000,
  maxFields: 250,
  maxDepth: 32,
};

/** @throws {RangeError} when a limit is none, which would switch it off without a word */
export function limitsFrom(given: BodyLimits): Required<BodyLimits> {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof BodyLimits)[]) {
    const limit = given[name] ?? limits[name];
    if (!(limit >= 1)) throw new RangeError(`${name} of configureHttp must be a number from 1, not ${String(limit)}`);
    limits[name] = limit;
  }
  return limits;
}
