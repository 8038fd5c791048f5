import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import type { Servers } from '../servers/servers.js';
import type { Fault } from './fault.js';

const ON = ['servers', 'services'] as const;

/** Connections to a server carry nothing, and nobody is told; then they go on, or break. New ones may be well meanwhile. */
export const still: Fault = {
  kind: 'still',
  on: ON,
  async strike({ folder }, random) {
    const [name, link] = one(folder.servers!, random);
    const [ms, allOfThem, breaks] = [random.integer(1_000, 12_000), random.chance(0.5), random.chance(0.5)];
    link.standStill(allOfThem);
    await delay(ms);
    if (breaks) link.cut();
    link.mend();
    return `${allOfThem ? 'all' : 'open'} connections to the ${name} stood still for ${ms} ms and ${breaks ? 'broke' : 'went on'}`;
  },
};

/** Connections to a server break, and for a while none can be made. */
export const cut: Fault = {
  kind: 'cut',
  on: ON,
  async strike({ folder }, random) {
    const [name, link] = one(folder.servers!, random);
    const ms = random.chance(0.5) ? 0 : random.integer(100, 6_000);
    link.cut();
    await delay(ms);
    link.mend();
    return `connections to the ${name} broke, and none could be made for ${ms} ms`;
  },
};

/** Reads show the beginning of a stream late, and everything takes longer on its way. */
export const lag: Fault = {
  kind: 'lag',
  on: ON,
  async strike({ folder }, random) {
    const { links, lateBeginnings } = folder.servers!;
    const lagMs = [0, 300, 2_000][random.integer(0, 2)]!;
    const [toEvents, toDocuments] = [random.integer(0, 60), random.integer(0, 30)];
    lateBeginnings.lagMs = lagMs;
    links.events.takesLonger(toEvents);
    links.documents.takesLonger(toDocuments);
    const ms = random.integer(3_000, 8_000);
    await delay(ms);
    folder.servers!.mend();
    return `reads lagged by ${lagMs} ms, and the ways to events and documents took ${toEvents} and ${toDocuments} ms longer, for ${ms} ms`;
  },
};

function one({ links }: Servers, random: Random) {
  return random.chance(0.6) ? (['events', links.events] as const) : (['documents', links.documents] as const);
}
