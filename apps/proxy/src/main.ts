import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { endWithParent, inPlainWords, listeningFrom } from '@marketplace/service';
import { proxyServer } from './proxy-server.js';
import { servicesFrom } from './services.js';

const SWEEP_MS = 20;

endWithParent();
try {
  const { port, host } = listeningFrom(process.env);
  const server = proxyServer(servicesFrom(process.env));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      // A connection that was answered would be kept alive for the next request, which is not taken any more.
      setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    });
  }
  await once(server.listen(port, host), 'listening');
  const { port: taken, address } = server.address() as AddressInfo;
  console.log(`proxy is open at http://${address.includes(':') ? `[${address}]` : address}:${taken}`);
} catch (error) {
  console.error(inPlainWords(error));
  process.exit(1);
}
