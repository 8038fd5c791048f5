import { describe, expect, it } from '@jest/globals';
import { InvalidEnvironment } from '@marketplace/service';
import { serviceOf, servicesFrom } from './services.js';

describe('the services behind the proxy', () => {
  it('are on this machine when nothing is set', () => {
    expect(servicesFrom({})).toEqual([
      { name: 'ordering-command', urls: ['http://127.0.0.1:3001'] },
      { name: 'ordering-query', urls: ['http://127.0.0.1:3002'] },
      { name: 'inventory-command', urls: ['http://127.0.0.1:3003'] },
      { name: 'inventory-query', urls: ['http://127.0.0.1:3004'] },
    ]);
  });

  it('may have replicas', () => {
    const services = servicesFrom({ ORDERING_QUERY_URL: 'http://one:3000, http://two:3000' });
    expect(services.find(({ name }) => name === 'ordering-query')?.urls).toEqual([
      'http://one:3000',
      'http://two:3000',
    ]);
  });

  it('are refused, all at once, when they are no addresses', () => {
    const variables = { ORDERING_QUERY_URL: 'one:3000', INVENTORY_COMMAND_URL: 'http://one,http://two/path' };
    expect(() => servicesFrom(variables)).toThrow(InvalidEnvironment);
    expect(() => servicesFrom(variables)).toThrow(/ORDERING_QUERY_URL holds 'one:3000'[^]*INVENTORY_COMMAND_URL holds/);
  });

  it.each([
    ['POST', '/api/ordering/orders', 'ordering-command'],
    ['POST', '/api/ordering/orders/1/cancel', 'ordering-command'],
    ['GET', '/api/ordering/orders?status=placed', 'ordering-query'],
    ['HEAD', '/api/inventory/items/tea', 'inventory-query'],
    ['PUT', '/api/inventory', 'inventory-command'],
    ['GET', '/api/payment/1', undefined],
    ['GET', '/api/orderings', undefined],
    ['GET', '/apiordering', undefined],
    ['GET', '//elsewhere/api/ordering/', undefined],
    ['GET', 'http://elsewhere/api/ordering/', undefined],
    ['GET', '/', undefined],
  ])('%s %s goes to %s', (method, url, name) => {
    expect(serviceOf(method, url, servicesFrom({}))?.name).toBe(name);
  });
});
