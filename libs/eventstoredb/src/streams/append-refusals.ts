/** The stream was deleted for ever in the server; nothing can be appended to it again. */
export class StreamTombstoned extends Error {
  override readonly name = 'StreamTombstoned';
  constructor(readonly streamId: string) {
    super(`${streamId} was tombstoned: EventStoreDB never takes an event for it again`);
  }
}

/** An append is more than the server takes at once. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  constructor(
    readonly streamId: string,
    readonly bytes: number,
    readonly mostBytes: number,
  ) {
    super(
      `${streamId}: events of about ${bytes} bytes were to be appended at once, and the server takes ${mostBytes} (its setting MaxAppendSize)`,
    );
  }
}
