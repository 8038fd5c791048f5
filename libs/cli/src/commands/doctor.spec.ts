import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sale, Shop } from '../../test/in-process.js';
import { fault, Takings } from '../../test/shop.mjs';
import { until } from '../../../core/test/until.js';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  fault.on = false;
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta doctor', () => {
  it('is content with an application that runs', async () => {
    shop = new Shop({ projections: [Takings] });
    await shop.sell('1', 3);
    await shop.open();
    const { code, out, err } = await shop.gesta('doctor');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ok {5}versions {7}gesta 0\.1\.0, node \d+/m);
    expect(out).toMatch(/^ok {5}configuration {2}\/shop\/gesta\.config\.js: 0 aggregates, 1 projection/m);
    expect(out).toMatch(/^ok {5}events {9}shop:\/\/\*\*\*@till \(here\), at position 1$/m);
    expect(out).toMatch(/^ok {5}readers {8}1, none stands still$/m);
    expect(out).toMatch(/^projection\.takings\.v1\.g1 +1 +0 +0$/m);
  });

  it('finds readers that nobody runs', async () => {
    await shop.sell('1', 3);
    const { code, out } = await shop.gesta('doctor --patience 0 --json');
    expect(code).toBe(1);
    expect(json(out)).toMatchObject({
      healthy: false,
      versions: { gesta: '0.1.0', node: process.versions.node },
      configuration: '/shop/gesta.config.js',
      deadLetters: 0,
      findings: expect.arrayContaining([
        { subject: 'events', healthy: true, detail: 'shop://***@till (here), at position 1' },
        {
          subject: 'readers',
          healthy: false,
          detail:
            '2 of 2 behind and at a standstill: projection.takings.v1.g1, reactor.receipts. Is the application running?',
        },
      ]),
      readers: expect.arrayContaining([expect.objectContaining({ reader: 'reactor.receipts', lag: '1' })]),
    });
  });

  it('finds dead letters', async () => {
    fault.on = true;
    await shop.sell('1', null);
    const gesta = await shop.open();
    await until('it is parked', async () => (await gesta.deadLetters.list()).length === 1);
    const { code, out } = await shop.gesta('doctor --patience 0');
    expect(code).toBe(1);
    expect(out).toMatch(/^WRONG {2}dead letters {3}1: see `gesta dead-letters list`$/m);
  });

  it('tells of stores that do not answer and goes on with the others', async () => {
    await shop.events.close();
    const { code, out } = await shop.gesta('doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/^WRONG {2}events/m);
    expect(out).toMatch(/^ok {5}documents/m);
  });

  it('tells of stores that take no writes, and of what will become a problem, once', async () => {
    const condition = { failing: 'the disk is full', warnings: ['the log grows'] };
    Object.assign(shop.events, { condition: async () => condition });
    Object.assign(shop.documents, { condition: async () => condition });
    const { code, out } = await shop.gesta('doctor');
    expect(code).toBe(1);
    expect(out.match(/^WRONG.*$/gm)).toEqual([
      expect.stringMatching(/events .*takes no writes: the disk is full$/),
      expect.stringMatching(/events .*the log grows$/),
    ]);
  });

  it('tells of classes that are not what they are listed as', async () => {
    const { code, out } = await new Shop({ projections: [Shop], processes: [Shop] }).gesta('doctor --patience 0');
    expect(code).toBe(1);
    expect(out).toMatch(/^WRONG {2}configuration/m);
    expect(out).toContain('- Shop is no projection: decorate it with @Projection');
    expect(out).toContain('- Shop is no process manager');
  });

  describe('of names', () => {
    const readings = (type: string) => ({ ...sale({ price: 1, currency: 'CHF' }), type });

    it('finds events that no class knows, with the names that they may be aliases of', async () => {
      await shop.record('1', readings('shop.sould'), readings('shop.sould'));
      await shop.events.append('weather.day-1', [readings('weather.rained')], { expected: 'any' });
      const { code, out } = await shop.gesta('doctor --patience 0');
      expect(code).toBe(1);
      expect(out).toMatch(
        /^WRONG {2}names {10}no class knows shop\.sould, of which 2 events are in the log; should it be an alias of shop\.sold\?$/m,
      );
      expect(out).not.toContain('weather');
    });

    it('tells of those of other contexts, and is content with them', async () => {
      await shop.record('1', readings('shop.sold'));
      await shop.events.append('weather.day-1', [readings('weather.rained')], { expected: 'any' });
      const { out } = await shop.gesta('doctor --patience 0 --scan');
      expect(out).toMatch(/^ok {5}names {10}known, in 2 events; not known here: weather\.rained$/m);
    });

    it('finds commands for a context of which nobody has an inbox, or nobody any more', async () => {
      await shop.events.append('cellar.command-1', [readings('cellar.fetch-wine')], { expected: 'any' });
      const { code, out } = await shop.gesta('doctor --patience 0');
      expect(code).toBe(1);
      expect(out).toMatch(
        /^WRONG {2}commands {7}1 command for cellar, and no inbox of that context has come to them$/m,
      );
      const checkpoints = await shop.documents.collection('gesta.checkpoints');
      await checkpoints.put([{ key: 'commands.cellar', version: 1n, body: {} }]);
      expect((await shop.gesta('doctor --patience 0')).out).not.toContain('cellar, and');
      await shop.events.append('cellar.command-2', [readings('cellar.fetch-wine')], { expected: 'any' });
      expect((await shop.gesta('doctor --patience 0')).out).toContain('1 command for cellar, and no inbox');
    });
  });
});
