import { connect, type Socket } from 'node:net';

const DRIP_EVERY_MS = 100;
/** Each list is work: asked for more often, it would be a flood of its own. */
const ASKS_EVERY_DRIPS = 20;

/**
 * Clients that hold a connection and hardly use it: half of them send a request byte by byte, half ask for the longest
 * list there is, now and then, and do not read the answers.
 * @returns what ends them
 */
export function slowClients(url: string, count: number): () => void {
  const { hostname, port } = new URL(url);
  const list = `GET /api/ordering/orders?limit=200 HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;
  const request = `POST /api/ordering/orders HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n`;
  const clients = Array.from({ length: count }, (_, index): [Socket, boolean] => {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    return [socket, index % 2 === 0];
  });
  for (const [socket, reads] of clients) if (reads) socket.pause();
  let sent = 0;
  const dripping = setInterval(() => {
    const byte = request[sent] ?? ' ';
    sent++;
    for (const [socket, reads] of clients) {
      if (socket.destroyed || socket.writableLength > 10_000) continue;
      if (!reads) socket.write(byte);
      else if (sent % ASKS_EVERY_DRIPS === 1) socket.write(list);
    }
  }, DRIP_EVERY_MS);
  return () => {
    clearInterval(dripping);
    for (const [socket] of clients) socket.destroy();
  };
}
