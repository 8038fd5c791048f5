import { isMet, type Budget, type Finding } from './finding.js';
import type { Machine } from './machine.js';

/** A finding as it is written for machines. */
interface Result extends Omit<Finding, 'budget'> {
  /** The limit alone; `of` says what it is of. */
  readonly budget: number | null;
  readonly of: Budget['of'] | null;
  /** `null` where there is no budget. */
  readonly met: boolean | null;
}

/** A whole run. */
export interface Results {
  readonly machine: Machine;
  /** Smaller numbers and fewer rounds. */
  readonly quick: boolean;
  readonly results: readonly Result[];
  /** The same work by libraries of the same kind; empty where it was not asked for. */
  readonly peers: readonly Result[];
}

/** The run as it is written. */
export function resultsOf(machine: Machine, quick: boolean, findings: readonly Finding[]): Results {
  const results = findings.map(({ budget, ...finding }) => ({
    ...finding,
    budget: budget?.limit ?? null,
    of: budget?.of ?? null,
    met: isMet({ ...finding, budget }),
  }));
  return {
    machine,
    quick,
    results: results.filter(({ peers }) => !peers),
    peers: results.filter(({ peers }) => peers),
  };
}

/** The findings of a run that was written. */
export function findingsOf({ results, peers }: Results): Finding[] {
  return [...results, ...peers].map(({ work, unit, ours, floor, ratio, budget, of, peers: beside }) => ({
    work,
    unit,
    ours,
    floor,
    ratio,
    budget: budget === null || of === null ? null : { of, limit: budget },
    ...(beside && { peers: beside }),
  }));
}
