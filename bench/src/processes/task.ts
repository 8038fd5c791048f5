/** What a task is given beside its input. */
export interface TaskContext {
  /** Says how far it is, or whatever else its starter listens for. */
  readonly tell: (news: unknown) => void;
  /** The process' resident memory before anything but Node was loaded, in bytes. */
  readonly memoryAtStart: number;
}

/** A module that can run in a process of its own. Input, news and result are JSON values. */
export interface TaskModule<I, O> {
  run(input: I, context: TaskContext): Promise<O>;
}

/** What is sent to the process. */
export interface Order {
  readonly module: string;
  readonly input: unknown;
}

/** What the process sends back. */
export type Report =
  | { readonly kind: 'told'; readonly news: unknown }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string };
