import { World, type Outcome } from './world.js';

export interface ModelRun {
  readonly runs: number;
  /** Of the first run; each one after it has the next. */
  readonly seed: number;
  /** How many worlds there are side by side: they mostly wait. */
  readonly wide?: number;
  /** Hears of every run that has ended. */
  readonly ended?: (outcome: Outcome) => void;
}

/** What came of many runs. */
export interface ModelSummary {
  readonly runs: number;
  readonly deaths: number;
  readonly faults: number;
  /** Those in which the world was not what the log says. */
  readonly differing: readonly Outcome[];
}

/** Runs worlds by the seeds, one after the other in each of some lanes. */
export async function runModel({ runs, seed, wide = 40, ended }: ModelRun): Promise<ModelSummary> {
  let next = seed;
  let deaths = 0;
  let faults = 0;
  const differing: Outcome[] = [];
  const lane = async () => {
    while (next < seed + runs) {
      const outcome = await runWorld(next++);
      deaths += outcome.deaths;
      faults += outcome.faults;
      if (outcome.differences.length > 0) differing.push(outcome);
      ended?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(wide, runs) }, lane));
  return { runs, deaths, faults, differing };
}

async function runWorld(seed: number): Promise<Outcome> {
  try {
    return await new World(seed).run();
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, differences: [{ kind: 'unexpected', what }], deaths: 0, faults: 0, trace: [] };
  }
}

/** An outcome in words. */
export function inWords({ seed, differences, deaths, trace }: Outcome): string {
  const told = differences.slice(0, 6).map(({ kind, what }) => `  ${kind}: ${what}`);
  if (differences.length > told.length) told.push(`  and ${differences.length - told.length} more`);
  return [`seed ${seed}, ${deaths} deaths:`, ...told, ...trace.map((what) => `    ${what}`)].join('\n');
}
