import { memory, type CommandResult } from '@gesta/core';
import { configureHttp, GestaModule } from '@gesta/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../../libs/core/test/until.js';
import { FetchBack, ScheduleShipment } from '../contract/shipment-commands.js';

let app: INestApplication;
let url: string;
let commands: CommandBus;

beforeAll(async () => {
  // Read when the modules are.
  Object.assign(process.env, { MARKETPLACE_PACKING_MS: '5', MARKETPLACE_TRANSIT_MS: '5' });
  const { ShippingCommandModule } = await import('../shipping.command.module.js');
  const { ShippingQueryModule } = await import('../shipping.query.module.js');
  const imports = [GestaModule.forRoot({ adapters: [memory()] }), ShippingCommandModule, ShippingQueryModule];
  const module = await Test.createTestingModule({ imports }).compile();
  app = module.createNestApplication({ logger: ['error'] });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  commands = app.get(CommandBus);
});
afterAll(() => app.close());

const shipment = async (orderId: string, after = '') => {
  const response = await fetch(`${url}/api/shipping/shipments/${orderId}${after}`);
  return {
    status: response.status,
    body: (await response.json()) as { parcels: { status: string }[]; title?: string },
  };
};
const statuses = async (orderId: string) => (await shipment(orderId)).body.parcels.map(({ status }) => status);

describe('Shipping', () => {
  it('packs, sends and delivers what it is asked to, and brings it back', async () => {
    const destination = { country: 'DE', postalCode: '10115' };
    const lines = [
      { sku: 'tea', quantity: 2, warehouse: 'north' },
      { sku: 'pot', quantity: 1, warehouse: 'south' },
    ];
    const { position } = await commands.execute<ScheduleShipment, CommandResult>(
      new ScheduleShipment({ orderId: 'o-1', destination, lines }),
    );
    expect((await shipment('o-1', `?after=${position}`)).body).toMatchObject({
      orderId: 'o-1',
      parcels: [
        { parcelId: 'parcel-1', lines: [{ sku: 'tea', quantity: 2 }] },
        { parcelId: 'parcel-2', lines: [{ sku: 'pot', quantity: 1 }] },
      ],
    });
    await until('both are delivered', async () => (await statuses('o-1')).every((status) => status === 'delivered'));
    await commands.execute(new FetchBack({ orderId: 'o-1' }));
    await until('both are back', async () => (await statuses('o-1')).every((status) => status === 'returned'));
  });

  it('knows of nothing that was not to be sent', async () => {
    expect(await shipment('o-9')).toMatchObject({ status: 404 });
    const dispatched = await fetch(`${url}/api/shipping/shipments/o-9/parcels/parcel-1/dispatch`, { method: 'POST' });
    expect(dispatched.status).toBe(404);
    expect(await shipment('%24ne')).toMatchObject({ status: 400 });
  });
});
