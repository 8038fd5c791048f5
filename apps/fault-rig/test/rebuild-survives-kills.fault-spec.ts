import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentCollection, DocumentStore } from '@gesta/core';
import { sqlite } from '@gesta/sqlite';
import { Random } from '@marketplace/simulator';
import { AccountLog } from '../src/accounts/account-log.js';
import type { Balance } from '../src/accounts/balances.projection.js';
import { AccountService, RunningGesta } from './account-service.js';

/** 1,000,000 takes some minutes: `GESTA_FAULT_EVENTS=1000000 npm run test:faults -- rebuild-survives-kills`. */
const EVENTS = Number(process.env.GESTA_FAULT_EVENTS ?? 100_000);
const LIVE_ACCOUNTS = 5;
/** The budget for a rebuild, whatever its size. */
const MEMORY_MB = 250;

interface Kept {
  readonly generations: Readonly<Record<string, { readonly state: string }>>;
}

describe(`a rebuild of ${EVENTS.toLocaleString('en')} events while an application serves`, () => {
  let folder: string;
  let url: string;
  let service: AccountService | undefined;
  const log = new AccountLog(EVENTS);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rebuild-'));
    url = `sqlite:${join(folder, 'gesta.db')}`;
  });
  afterEach(async () => {
    await service?.end();
    await rm(folder, { recursive: true });
  });

  it('survives kill -9, resumes, and shows no reader anything but the whole documents, which are those folded as events came in', async () => {
    service = await AccountService.start(url);
    await service.post(`/log?events=${EVENTS}`);
    const incrementally = await documentsOf(url, 1);
    expect(incrementally.size).toBe(log.accounts);

    const readers = new Readers(service, log);
    const reading = readers.read();
    const peaks: number[] = [];
    const rebuild = async (disturb: (command: RunningGesta) => Promise<void>) => {
      const command = new RunningGesta(url, ['projections', 'rebuild', 'balance']);
      await Promise.race([disturb(command), command.ended]);
      const ended = await command.ended;
      peaks.push(command.peakMemoryMb);
      return ended;
    };

    const building = await Building.of(url);
    // At its very beginning.
    const first = await rebuild(async (command) => {
      await building.begun();
      command.kill('SIGKILL');
    });
    // In the middle, when a part of it is durable; it runs for moments only, or the middle would soon be over.
    let resumesAt = 0n;
    const second = await rebuild(async (command) => {
      await delay(300);
      for (; resumesAt === 0n; resumesAt = await building.position()) {
        command.kill('SIGSTOP');
        await delay(100);
        command.kill('SIGCONT');
        await delay(20);
      }
      command.kill('SIGKILL');
    });
    await building.close();
    expect([first.exitCode, second.exitCode]).toEqual([null, null]);
    const { exitCode, stdout, stderr } = await rebuild(() => Promise.resolve());
    readers.stop();
    await reading;

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const result = JSON.parse(stdout) as { generation: number; outcome: string; events: number };
    expect(result).toMatchObject({ generation: 2, outcome: 'switched' });
    expect(result.events).toBeLessThan(EVENTS);
    expect(Math.max(...peaks)).toBeLessThan(MEMORY_MB);
    expect(readers.looks).toBeGreaterThan(100);
    expect(readers.seenWrong).toEqual([]);

    const rebuilt = await documentsOf(url, 2);
    for (const [account, text] of incrementally) expect(rebuilt.get(account)).toBe(text);
    expect(rebuilt.size).toBe(log.accounts + LIVE_ACCOUNTS);
    console.log(
      `${EVENTS} events, resumed at ${resumesAt}, last run ${result.events} events, peaks ${peaks.join(', ')} MB, ${readers.looks} looks, ${readers.moves} live moves`,
    );
  });
});

/** Readers who poll all the time, and customers who go on meanwhile. */
class Readers {
  looks = 0;
  moves = 0;
  readonly seenWrong: string[] = [];
  private stopped = false;
  private readonly random = new Random(1);

  constructor(
    private readonly service: AccountService,
    private readonly log: AccountLog,
  ) {}

  async read(): Promise<void> {
    const live = Array.from({ length: LIVE_ACCOUNTS }, (_, index) => this.live(`live-${index}`));
    await Promise.all([this.old(), this.old(), this.count(), ...live]);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Accounts in which nothing happens any more never change. */
  private async old(): Promise<void> {
    while (!this.stopped) {
      const account = this.log.accountOf(this.random.integer(0, this.log.accounts - 1));
      const balance = await this.service.get<Balance>(`/accounts/${account}`);
      this.expect(JSON.stringify(balance), JSON.stringify(this.log.expected(account)));
    }
  }

  private async count(): Promise<void> {
    for (let least = this.log.accounts; !this.stopped; await delay(100)) {
      const { count } = (await this.service.get<{ count: number }>('/accounts'))!;
      if (count < least || count > this.log.accounts + LIVE_ACCOUNTS) this.expect(String(count), `at least ${least}`);
      least = count;
    }
  }

  /** Those in which something happens show what was written, and never less than before. */
  private async live(account: string): Promise<void> {
    for (let moves = 1; !this.stopped; moves++) {
      const { position } = (await this.service.post<{ position: string }>(`/accounts/${account}`))!;
      const balance = await this.service.get<Balance>(`/accounts/${account}?after=${position}`);
      this.expect(`${account} ${balance?.moves}`, `${account} ${moves}`);
      const again = await this.service.get<Balance>(`/accounts/${account}`);
      this.expect(`${account} ${again?.moves}`, `${account} ${moves}`);
      this.moves++;
      await delay(20);
    }
  }

  private expect(seen: string, expected: string): void {
    this.looks++;
    if (seen !== expected) this.seenWrong.push(`${seen} instead of ${expected}`);
  }
}

/** What is kept of the generation that is being built, in a store that is looked at from outside. */
class Building {
  private constructor(
    private readonly store: DocumentStore,
    private readonly generations: DocumentCollection,
    private readonly checkpoints: DocumentCollection,
  ) {}

  static async of(url: string): Promise<Building> {
    const store = await sqlite().openDocumentStore!(url, { now: () => new Date() });
    return new Building(
      store,
      await store.collection('gesta.generations'),
      await store.collection('gesta.checkpoints'),
    );
  }

  /** Resolves when there is one. */
  async begun(): Promise<void> {
    for (; ; await delay(5)) {
      const kept = (await this.generations.get(['balance.v1'])).get('balance.v1')?.body as Kept | undefined;
      if (kept?.generations['2']?.state === 'building') return;
    }
  }

  /** Where it would be resumed. */
  async position(): Promise<bigint> {
    const reader = 'projection.balance.v1.g2';
    return (await this.checkpoints.get([reader])).get(reader)?.version ?? 0n;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** The documents of a generation with their versions, as text. */
async function documentsOf(url: string, generation: number): Promise<Map<string, string>> {
  const store = await sqlite().openDocumentStore!(url, { now: () => new Date() });
  try {
    const documents = await (await store.collection(`projection.balance.v1.g${generation}`)).find({});
    return new Map(documents.map(({ key, version, body }) => [key, `${version} ${JSON.stringify(body)}`]));
  } finally {
    await store.close();
  }
}
