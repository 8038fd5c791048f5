/** A request with this idempotency key is being carried out by another process. Nothing was done; its answer comes. */
export class RequestInProgress extends Error {
  override readonly name = 'RequestInProgress';
  constructor() {
    super('A request with this Idempotency-Key is being carried out; ask again for its answer');
  }
}
