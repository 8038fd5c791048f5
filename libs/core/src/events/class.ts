/** A class by which events, commands, aggregates and handlers are declared and found. */
// oxlint-disable-next-line typescript/no-explicit-any -- constructors take whatever they take
export type Class<T = object> = abstract new (...args: any[]) => T;
