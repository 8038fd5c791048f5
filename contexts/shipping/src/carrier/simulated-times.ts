/** How the simulated packers and the simulated carrier behave, by the environment. */
export interface SimulatedTimes {
  /** How long packing takes: `MARKETPLACE_PACKING_MS`, 300 when absent. */
  readonly packingMs: number;
  /** How long a parcel is on its way, in either direction: `MARKETPLACE_TRANSIT_MS`, 1,500 when absent. */
  readonly transitMs: number;
  /** Which share of parcels is lost, from 0 to 1: `MARKETPLACE_LOST_PARCELS`, 0 when absent. */
  readonly lostParcels: number;
}

const VARIABLES = {
  packingMs: { name: 'MARKETPLACE_PACKING_MS', usual: 300, most: 86_400_000 },
  transitMs: { name: 'MARKETPLACE_TRANSIT_MS', usual: 1_500, most: 86_400_000 },
  lostParcels: { name: 'MARKETPLACE_LOST_PARCELS', usual: 0, most: 1 },
} as const;

/** What is set, with the usual value in place of what cannot be, and what is wrong with that. */
export function simulatedTimes(variables: NodeJS.ProcessEnv): { times: SimulatedTimes; problems: readonly string[] } {
  const problems: string[] = [];
  const times = { packingMs: 0, transitMs: 0, lostParcels: 0 };
  for (const [field, { name, usual, most }] of Object.entries(VARIABLES)) {
    const text = variables[name];
    const isNumber = text !== undefined && /^\d+(\.\d+)?$/.test(text) && Number(text) <= most;
    if (text !== undefined && !isNumber) {
      problems.push(`${name} is '${text}': set it to a number from 0 to ${most}, such as ${usual}`);
    }
    times[field as keyof typeof times] = isNumber ? Number(text) : usual;
  }
  return { times, problems };
}

/** Read once, when the process starts; the write side of shipping refuses to start where it has problems. */
export const { times: SIMULATED, problems: SIMULATED_PROBLEMS } = simulatedTimes(process.env);
