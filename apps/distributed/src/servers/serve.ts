import { endWithParent } from '@marketplace/service';

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs a local server as a process of its own until it is asked to end, or whoever started it is gone.
 * The arguments are its port and the folder that holds its data.
 */
export async function serve(
  what: string,
  start: (options: { port: number; data: string }) => Promise<Server>,
): Promise<void> {
  endWithParent();
  const [port, data] = process.argv.slice(2);
  const server = await start({ port: Number(port), data: data! });
  console.log(`${what} for development is open at ${server.url}, its data is in ${data}`);
  process.once('SIGTERM', () => void server.stop().finally(() => process.exit(0)));
}
