import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyDatabase } from '../storage/copy.js';
import { freePort } from '../processes/free-port.js';
import { LateBeginnings } from './late-beginnings.js';
import { Link } from './link.js';
import { SteppingDown } from './stepping-down.js';
import { StoreServer } from './store-server.js';

const DATABASE = 'marketplace';
/** Two customers want one of these at once, each at another process. */
const RACES = /^ordering\.order-race-/;

/**
 * The servers of a run, for EventStoreDB's and MongoDB's protocols, with what stands between them and the marketplaces. Who
 * looks through everything afterwards goes straight to them.
 */
export class Servers {
  private readonly spare: StoreServer[] = [];

  private constructor(
    private readonly folder: string,
    readonly events: StoreServer,
    readonly documents: StoreServer,
    readonly lateBeginnings: LateBeginnings,
    readonly steppingDown: SteppingDown,
    readonly links: { readonly events: Link; readonly documents: Link },
  ) {}

  /** @param folder holds their data and their logs */
  static async start(folder: string): Promise<Servers> {
    const begin = async (name: 'eventstoredb' | 'mongodb') => {
      mkdirSync(join(folder, name), { recursive: true });
      return StoreServer.start(name, await freePort(), join(folder, name), join(folder, `${name}.log`));
    };
    const [events, documents] = [await begin('eventstoredb'), await begin('mongodb')];
    const late = await LateBeginnings.before(events.port, RACES);
    const stepping = await SteppingDown.before(documents.port);
    const links = { events: await Link.to(late.port), documents: await Link.to(stepping.port) };
    return new Servers(folder, events, documents, late, stepping, links);
  }

  /** What marketplaces are told. */
  get eventsUrl(): string {
    return eventsAt(this.links.events.port);
  }

  get documentsUrl(): string {
    return documentsAt(this.links.documents.port);
  }

  get straightEventsUrl(): string {
    return eventsAt(this.events.port);
  }

  get straightDocumentsUrl(): string {
    return documentsAt(this.documents.port);
  }

  /** Where a server keeps its data. */
  dataOf(name: 'eventstoredb' | 'mongodb'): string {
    return join(this.folder, name);
  }

  /** A folder without data. @param name nothing else bears it */
  emptyFolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** A copy of the log as it is at this moment, in a folder of its own. @param name nothing else bears it */
  copyOfLog(name: string): string {
    const folder = this.emptyFolder(name);
    copyDatabase(join(this.dataOf('eventstoredb'), 'eventstoredb.db'), join(folder, 'eventstoredb.db'));
    return folder;
  }

  /** Another server, which has the log in the folder. It is there until all are closed. */
  async another(data: string): Promise<StoreServer> {
    const server = await StoreServer.start('eventstoredb', await freePort(), data, join(data, 'server.log'));
    this.spare.push(server);
    return server;
  }

  /** Whatever stood between is as it was. */
  mend(): void {
    for (const link of [this.links.events, this.links.documents]) link.mend();
    this.steppingDown.stepUp();
    this.lateBeginnings.lagMs = 0;
  }

  async close(): Promise<void> {
    await Promise.all([this.links.events.close(), this.links.documents.close(), this.steppingDown.close()]);
    this.lateBeginnings.close();
    await Promise.all([this.events, this.documents, ...this.spare].map((server) => server.kill()));
  }
}

const eventsAt = (port: number) => `esdb://127.0.0.1:${port}?tls=false`;
const documentsAt = (port: number) => `mongodb://127.0.0.1:${port}/${DATABASE}`;
