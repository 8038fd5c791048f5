import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many keys are sorted in one go: some milliseconds' work. */
const RUN = 8_000;

/** The keys in order. However many they are, others get their turn while they are sorted. */
export async function inKeyOrder(keys: readonly string[]): Promise<Iterable<string>> {
  const runs: string[][] = [];
  for (let first = 0; first < keys.length; first += RUN) {
    if (first > 0) await nextTurn();
    runs.push(keys.slice(first, first + RUN).sort());
  }
  return merged(runs);
}

/** The runs as one: of their next keys always the least. There are few runs, so each is looked at. */
function* merged(runs: readonly string[][]): Generator<string> {
  const places = runs.map(() => 0);
  for (;;) {
    let least: string | undefined;
    let from = 0;
    for (let run = 0; run < runs.length; run++) {
      const next = runs[run]![places[run]!];
      if (next === undefined || (least !== undefined && next >= least)) continue;
      [least, from] = [next, run];
    }
    if (least === undefined) return;
    places[from]!++;
    yield least;
  }
}
