/** Nobody waits for the answer to a request any more. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('Whoever asked is gone');
  }
}
