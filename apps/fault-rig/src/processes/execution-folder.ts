import { join } from 'node:path';

/** Where a run has its data and its logs, and what its processes are told of it. */
export class ExecutionFolder {
  /** @param root holds the logs; the data is in a folder of its own below it, which may be a file system of its own */
  constructor(readonly root: string) {}

  get data(): string {
    return join(this.root, 'data');
  }

  get databaseFile(): string {
    return join(this.data, 'gesta.db');
  }

  /** Holds events and documents. */
  get storeUrl(): string {
    return `sqlite:${this.databaseFile}`;
  }

  /** What every process is started with. */
  get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, GESTA_EVENTS_URL: this.storeUrl, GESTA_DOCUMENTS_URL: this.storeUrl };
  }

  logOf(process: string): string {
    return join(this.root, `${process}.log`);
  }
}
