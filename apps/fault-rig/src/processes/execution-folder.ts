import { join } from 'node:path';
import type { Servers } from '../servers/servers.js';
import type { Stage } from '../stage.js';

/** Where a run has its data and its logs, and what its processes are told of it. */
export class ExecutionFolder {
  /** Holds the events; and the documents too, unless these are elsewhere. */
  databaseFile: string;
  /** Where the documents are, when not with the events. */
  documentsFile: string | undefined;

  /** Those that hold the data, unless it is in files. */
  servers: Servers | undefined;

  /** @param root holds the logs; the data is in a folder of its own below it, which may be a file system of its own */
  constructor(
    readonly root: string,
    readonly stage: Stage = 'file',
  ) {
    this.databaseFile = join(this.data, 'gesta.db');
  }

  get data(): string {
    return join(this.root, 'data');
  }

  /** Where the events are, past whatever stands between them and the marketplaces. */
  get eventsUrl(): string {
    return this.servers?.straightEventsUrl ?? `sqlite:${this.databaseFile}`;
  }

  get documentsUrl(): string {
    return this.servers?.straightDocumentsUrl ?? `sqlite:${this.documentsFile ?? this.databaseFile}`;
  }

  /** What every process is started with. */
  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      GESTA_EVENTS_URL: this.servers?.eventsUrl ?? this.eventsUrl,
      GESTA_DOCUMENTS_URL: this.servers?.documentsUrl ?? this.documentsUrl,
    };
  }

  logOf(process: string): string {
    return join(this.root, `${process}.log`);
  }
}
