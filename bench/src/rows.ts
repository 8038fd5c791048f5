/** A row of the table, as one asks for it. Its module exports `run`, which takes a {@link RowInput} and gives findings. */
export interface Row {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly module: string;
  /** The option by which it is asked for; without it, it is left out. */
  readonly option?: 'tenMillion' | 'peers';
  /** Whether a quick run leaves it out unless it is named. */
  readonly leftOutWhenQuick?: true;
}

/** What every row is given. */
export interface RowInput {
  /** An empty folder of its own for files, removed afterwards. */
  readonly folder: string;
  /** Smaller numbers, for a first impression. */
  readonly quick: boolean;
}

const module = (name: string) => import.meta.resolve(`./work/${name}.js`);

/** The budget's rows, in its order, and what is measured beside them. */
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
    option: 'tenMillion',
  },
  { number: 9, name: 'peers', title: 'the same work by peers', module: module('beside-peers'), option: 'peers' },
  {
    number: 10,
    name: 'local-append',
    title: 'append to the local EventStoreDB',
    module: module('client-appends'),
    leftOutWhenQuick: true,
  },
  {
    number: 11,
    name: 'local-read',
    title: 'read from the local EventStoreDB',
    module: module('client-reads'),
    leftOutWhenQuick: true,
  },
  {
    number: 12,
    name: 'esdb-append',
    title: 'append to EventStoreDB, 64 in flight',
    module: module('append-to-eventstoredb'),
    leftOutWhenQuick: true,
  },
  {
    number: 13,
    name: 'servers-rebuild',
    title: 'rebuild from EventStoreDB into MongoDB',
    module: module('rebuild-on-servers'),
    leftOutWhenQuick: true,
  },
  {
    number: 14,
    name: 'mongodb-put',
    title: 'put documents into MongoDB',
    module: module('put-to-mongodb'),
    leftOutWhenQuick: true,
  },
];
