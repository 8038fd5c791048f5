/** How many of the latest times are kept. */
const KEPT = 1_000;

/** Names and percentages as EventStoreDB gives them. */
const PERCENTILES: readonly (readonly [name: string, percent: number])[] = [
  ['Median', 50],
  ['Fastest', 0],
  ['Quintile 1', 0],
  ['Quintile 2', 20],
  ['Quintile 3', 40],
  ['Quintile 4', 60],
  ['Quintile 5', 80],
  ['90%', 90],
  ['95%', 95],
  ['99%', 99],
  ['99.5%', 99.5],
  ['99.9%', 99.9],
  ['Highest', 100],
];

/** How long a consumer took for its latest messages, from their delivery until it answered them. */
export class LatencyStatistics {
  #times: number[] = [];
  #next = 0;

  /** @param milliseconds between delivery and answer */
  add(milliseconds: number): void {
    this.#times[this.#next] = milliseconds;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** @returns each measure by its name, in whole milliseconds; none before the first answer */
  measures(): [name: string, milliseconds: number][] {
    if (this.#times.length === 0) return [];
    const times = this.#times.toSorted((a, b) => a - b);
    const sum = times.reduce((total, time) => total + time, 0);
    const at = (percent: number) => times[Math.min(Math.floor((percent / 100) * times.length), times.length - 1)]!;
    return [
      ['Mean', Math.floor(sum / times.length)],
      ...PERCENTILES.map(([name, percent]): [string, number] => [name, Math.floor(at(percent))]),
    ];
  }
}
