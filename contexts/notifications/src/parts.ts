/** What tools need to know of the context: its classes, without Nest. */
export const aggregates: never[] = [];
export const projections: never[] = [];
export const processes: never[] = [];
