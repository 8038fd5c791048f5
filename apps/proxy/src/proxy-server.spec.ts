import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { proxyServer } from './proxy-server.js';
import type { KnownService } from './services.js';

describe('the proxy', () => {
  const servers: Server[] = [];
  const listening = async (server: Server) => {
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const service = async (answer: RequestListener) => listening(createServer(answer));
  const proxyTo = (services: Record<string, string[]>) =>
    listening(proxyServer(Object.entries(services).map(([name, urls]): KnownService => ({ name, urls }))));
  const saying =
    (text: string): RequestListener =>
    (_, response) =>
      response.end(text);
  const NOBODY = 'http://127.0.0.1:1';

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('hands a request over as it is, and the answer back', async () => {
    const url = await service((incoming, response) => {
      const { method, url: path, headers } = incoming;
      response.writeHead(201, { location: '/api/ordering/orders/1', 'x-answer': 'yes' });
      incoming
        .setEncoding('utf8')
        .once('data', (body: string) =>
          response.end(JSON.stringify({ method, path, body, key: headers['idempotency-key'] })),
        );
    });
    const proxy = await proxyTo({ 'ordering-command': [url] });
    const answer = await fetch(`${proxy}/api/ordering/orders?x=%2F`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'idempotency-key': 'k' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/ordering/orders/1');
    expect(await answer.json()).toEqual({
      method: 'POST',
      path: '/api/ordering/orders?x=%2F',
      body: '{"a":1}',
      key: 'k',
    });
  });

  it('lets replicas take turns', async () => {
    const urls = [await service(saying('one')), await service(saying('two'))];
    const proxy = await proxyTo({ 'ordering-query': urls });
    const answers: string[] = [];
    for (let turn = 0; turn < 4; turn++) answers.push(await (await fetch(`${proxy}/api/ordering/orders`)).text());
    expect(answers).toEqual(['one', 'two', 'one', 'two']);
  });

  it('tells by problem details which service does not answer, and serves the others', async () => {
    const proxy = await proxyTo({ 'ordering-query': [NOBODY], 'inventory-query': [await service(saying('here'))] });
    const answer = await fetch(`${proxy}/api/ordering/orders`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([
      503,
      'application/problem+json',
      '1',
    ]);
    expect(await answer.json()).toMatchObject({
      status: 503,
      detail: expect.stringMatching(/^ordering-query does not answer/),
    });
    expect(await (await fetch(`${proxy}/api/inventory/items/tea`)).text()).toBe('here');
  });

  it("answers 404 for what is nobody's", async () => {
    const proxy = await proxyTo({ 'ordering-query': [NOBODY] });
    expect((await fetch(`${proxy}/admin`)).status).toBe(404);
  });

  it('breaks off when the service breaks off in the middle of an answer', async () => {
    const url = await service((_, response) => {
      response.write('the first half');
      setImmediate(() => response.destroy());
    });
    const proxy = await proxyTo({ 'ordering-query': [url] });
    await expect(fetch(`${proxy}/api/ordering/orders`).then((answer) => answer.text())).rejects.toThrow();
  });

  it('goes on when whoever asked vanishes', async () => {
    let asked: () => void;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const url = await service((incoming, response) =>
      incoming.url!.endsWith('slow') ? asked() : response.end('here'),
    );
    const proxy = await proxyTo({ 'ordering-query': [url] });
    const going = request(`${proxy}/api/ordering/slow`).on('error', () => undefined);
    going.end();
    await reached;
    going.destroy();
    const garbage = connect(Number(new URL(proxy).port), '127.0.0.1').on('error', () => undefined);
    garbage.resume().end('no HTTP at all\r\n\r\n');
    await once(garbage, 'close');
    expect(await (await fetch(`${proxy}/api/ordering/orders`)).text()).toBe('here');
  });

  it('is ready when every service has a replica that is', async () => {
    const ready = await service(saying('{}'));
    const starting = await service((_, response) => response.writeHead(503).end());
    const answers = async (services: Record<string, string[]>) => {
      const answer = await fetch(`${await proxyTo(services)}/health/ready`);
      return [answer.status, ((await answer.json()) as { services: object }).services];
    };
    expect(await answers({ a: [ready], b: [NOBODY, ready, starting] })).toEqual([200, { a: 'ready', b: 'ready' }]);
    expect(await answers({ a: [ready], b: [NOBODY, starting] })).toEqual([503, { a: 'ready', b: 'not ready' }]);
    expect(await answers({ a: [NOBODY] })).toEqual([503, { a: 'does not answer' }]);
  });
});
