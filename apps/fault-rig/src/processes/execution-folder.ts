import { join } from 'node:path';

/** Where a run has its data and its logs, and what its processes are told of it. */
export class ExecutionFolder {
  /** Holds the events; and the documents too, unless these are elsewhere. */
  databaseFile: string;
  /** Where the documents are, when not with the events. */
  documentsFile: string | undefined;

  /** @param root holds the logs; the data is in a folder of its own below it, which may be a file system of its own */
  constructor(readonly root: string) {
    this.databaseFile = join(this.data, 'gesta.db');
  }

  get data(): string {
    return join(this.root, 'data');
  }

  get eventsUrl(): string {
    return `sqlite:${this.databaseFile}`;
  }

  get documentsUrl(): string {
    return `sqlite:${this.documentsFile ?? this.databaseFile}`;
  }

  /** What every process is started with. */
  get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, GESTA_EVENTS_URL: this.eventsUrl, GESTA_DOCUMENTS_URL: this.documentsUrl };
  }

  logOf(process: string): string {
    return join(this.root, `${process}.log`);
  }
}
