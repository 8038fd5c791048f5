/** What came over a connection is not MongoDB's protocol. There is no answering that: the connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
