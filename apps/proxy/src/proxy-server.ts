import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createProxyServer } from 'httpxy';
import { readinessOf } from './readiness.js';
import { serviceOf, type KnownService } from './services.js';

/** How long a service may take for an answer, in milliseconds. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * Hands every request to the service it belongs to; replicas take turns. Where a service does not answer, that is told as
 * problem details with 503, and the others go on.
 */
export function proxyServer(services: readonly KnownService[]): Server {
  const proxy = createProxyServer({ xfwd: true, proxyTimeout: ANSWER_WITHIN_MS });
  const turns = new Map<KnownService, number>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health/live') return send(response, 200, { status: 'ok' });
    if (request.url === '/health/ready') {
      const readiness = await readinessOf(services);
      return send(response, readiness.status === 'ok' ? 200 : 503, readiness);
    }
    const service = serviceOf(request.method, request.url, services);
    if (!service) return problem(response, 404, 'Not Found', 'No service answers this address');
    const turn = turns.get(service) ?? 0;
    turns.set(service, turn + 1);
    try {
      await proxy.web(request, response, { target: service.urls[turn % service.urls.length]! });
    } catch {
      if (response.headersSent) return void response.destroy();
      problem(response, 503, 'Service Unavailable', `${service.name} does not answer; try again in a moment`);
    }
  }

  return createServer((request, response) => {
    response.on('error', () => undefined); // whoever asked is gone
    void answer(request, response);
  });
}

function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  if (status === 503) response.setHeader('Retry-After', '1');
  send(response, status, { type: 'about:blank', title, status, detail }, 'application/problem+json');
}

function send(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
