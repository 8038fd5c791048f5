/** A row of the table, as one asks for it. Its module exports `run`, which takes a {@link RowInput} and gives findings. */
export interface Row {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly module: string;
  /** Whether it takes so long that it must be asked for. */
  readonly long?: true;
}

/** What every row is given. */
export interface RowInput {
  /** An empty folder of its own for files, removed afterwards. */
  readonly folder: string;
  /** Smaller numbers, for a first impression. */
  readonly quick: boolean;
}

const module = (name: string) => import.meta.resolve(`./work/${name}.js`);

/** The budget's rows, in its order. */
export const ROWS: readonly Row[] = [
  { number: 1, name: 'append', title: 'append, awaited one by one', module: module('append-one-by-one') },
  { number: 2, name: 'append-64', title: 'append, 64 in flight', module: module('append-in-flight') },
  { number: 3, name: 'handle', title: 'handle a command, 64 in flight', module: module('handle-commands') },
  { number: 4, name: 'load', title: 'load a 1,000-event aggregate', module: module('load-aggregate') },
  { number: 5, name: 'rebuild', title: 'rebuild a read model', module: module('rebuild-read-model') },
  {
    number: 6,
    name: 'read-your-write',
    title: 'append until the read model shows it',
    module: module('read-your-write'),
  },
  { number: 7, name: 'event-loop', title: 'event-loop delay while rebuilding', module: module('event-loop-delay') },
  {
    number: 8,
    name: 'growth',
    title: 'cost per event at 10 M events',
    module: module('cost-at-ten-million'),
    long: true,
  },
];
