import { setTimeout as delay } from 'node:timers/promises';
import type { NoticeListener } from '../observability/notice.js';
import type { Maintenance } from './maintenance.js';

const HOUR_MS = 60 * 60 * 1_000;

export interface SelfMaintenanceOptions {
  /** How long it rests between one time and the next, in milliseconds; an hour when absent. */
  readonly everyMs?: number | undefined;
  /** How old something is at least before it goes, in milliseconds; seven days when absent. */
  readonly olderThanMs?: number | undefined;
}

/** Maintenance that an application sees to by itself, now and then, in whatever process comes first. */
export class SelfMaintenance {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly maintenance: Maintenance,
    private readonly options: SelfMaintenanceOptions,
    private readonly notice: NoticeListener,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Stops after the portion in hand. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { everyMs = HOUR_MS, olderThanMs } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Not as soon as it starts, when there is much else to do; and not all processes at the same time.
      await delay(everyMs * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.maintenance.run({ olderThanMs, signal });
      } catch (error) {
        this.notice({ kind: 'runner-failed', reader: 'gesta.maintenance', error, retryInMs: everyMs });
      }
    }
  }
}
