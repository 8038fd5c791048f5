import { InvalidEnvironment } from '@marketplace/service';

const CONTEXTS = ['ordering', 'inventory'];
const SIDES = ['command', 'query'];

/** A service of the marketplace and where its replicas are. */
export interface KnownService {
  readonly name: string;
  /** One for each replica, such as `http://127.0.0.1:3001`. */
  readonly urls: readonly string[];
}

/**
 * The services, by `ORDERING_COMMAND_URL`, `ORDERING_QUERY_URL` and so on; several replicas are separated by commas. What
 * is not set is where that service listens by itself: from port 3001 on this machine.
 * @throws {InvalidEnvironment} with every variable that is no URL
 */
export function servicesFrom(variables: NodeJS.ProcessEnv): readonly KnownService[] {
  const problems: string[] = [];
  const services = CONTEXTS.flatMap((context) => SIDES.map((side) => `${context}-${side}`)).map((name, index) => {
    const variable = `${name.toUpperCase().replace('-', '_')}_URL`;
    const usual = `http://127.0.0.1:${3_001 + index}`;
    const urls = (variables[variable] || usual).split(',').map((url) => url.trim());
    for (const url of urls) {
      if (isPlainHttp(url)) continue;
      problems.push(`${variable} holds '${url}': set it to the service's address, such as ${usual}`);
    }
    return { name, urls };
  });
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  return services;
}

function isPlainHttp(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && url.pathname === '/' && url.search === '' && url.username === '';
}

/**
 * Whose request it is: `/api/<context>/…` belongs to the context's read side when it only reads, else to its write side.
 * @returns `undefined` when it is nobody's
 */
export function serviceOf(
  method: string | undefined,
  url: string | undefined,
  services: readonly KnownService[],
): KnownService | undefined {
  const context = /^\/api\/([a-z]+)(?:[/?]|$)/.exec(url ?? '')?.[1];
  const side = method === 'GET' || method === 'HEAD' ? 'query' : 'command';
  return services.find(({ name }) => name === `${context}-${side}`);
}
