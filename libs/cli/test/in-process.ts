import {
  Gesta,
  MemoryDocumentStore,
  MemoryEventStore,
  projectionDefinition,
  type EventToAppend,
  type StoreAdapter,
} from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { Application } from '../src/application/application.js';
import type { GestaConfig } from '../src/configuration/gesta-config.js';
import { run } from '../src/run.js';
import { Receipts, Takings, Till } from './shop.mjs';

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A shop on stores in memory, and the command line in front of it. */
export class Shop {
  readonly events = new MemoryEventStore();
  readonly documents = new MemoryDocumentStore();
  private readonly running: Gesta[] = [];

  constructor(
    private readonly config: Partial<GestaConfig> = {
      aggregates: [Till],
      projections: [Takings],
      reactors: [Receipts],
    },
  ) {}

  /** Records a sale as version 2 has it. */
  async sell(till: string, ...prices: readonly (number | null)[]): Promise<void> {
    await this.record(till, ...prices.map((price) => sale({ price, currency: 'CHF' })));
  }

  async record(till: string, ...events: readonly EventToAppend[]): Promise<void> {
    await this.events.append(`shop.till-${till}`, events, { expected: 'any' });
  }

  /** Starts an application that follows the log, until the shop is closed. */
  async open(): Promise<Gesta> {
    const definition = projectionDefinition(Takings, new Takings());
    const { events, documents } = this;
    const gesta = await Gesta.open({ events, documents, projections: [{ projectionClass: Takings, definition }] });
    gesta.start();
    this.running.push(gesta);
    return gesta;
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((gesta) => gesta.stop()));
  }

  /** Runs `gesta` with the arguments, separated by blanks. */
  async gesta(line: string, { columns, stopping = new AbortController().signal }: Terminal = {}): Promise<Ended> {
    const stdout = captured(columns);
    const stderr = captured(columns);
    const setting = { adapter: lending(this.events, this.documents), url: 'shop://owner:s3cr3t@till', source: 'here' };
    const config: GestaConfig = { adapters: [setting.adapter], ...this.config };
    const code = await run(line.split(' '), {
      stdout: stdout.destination,
      stderr: stderr.destination,
      env: {},
      folder: '/shop',
      stopping,
      findApplication: async () =>
        new Application('/shop/gesta.config.js', config, {
          events: setting,
          documents: setting,
          unknownEvents: undefined,
        }),
    });
    return { code, out: stdout.text(), err: stderr.text() };
  }
}

interface Terminal {
  /** As wide as that; no terminal when absent. */
  readonly columns?: number;
  readonly stopping?: AbortSignal;
}

/** A sale, to be appended. */
export function sale(data: EventToAppend['data'], version = 2): EventToAppend {
  return { id: randomUUID(), type: 'shop.sold', version, headers: {}, data };
}

/** Where a command's output goes in a test. */
export function captured(columns?: number) {
  const chunks: string[] = [];
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const destination = Object.assign(writable, columns === undefined ? {} : { isTTY: true, columns });
  return { destination, text: () => chunks.join('') };
}

/** An adapter for these stores, which stay open when a command lets go of them. */
function lending(events: MemoryEventStore, documents: MemoryDocumentStore): StoreAdapter {
  const lent = <S extends object>(store: S): S =>
    new Proxy(store, {
      get(target, name) {
        if (name === 'close') return () => Promise.resolve();
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return {
    scheme: 'shop',
    example: 'shop://till',
    openEventStore: async () => lent(events),
    openDocumentStore: async () => lent(documents),
  };
}
