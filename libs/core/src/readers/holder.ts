import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lease. JSON, as it is kept. */
export type Holder = {
  readonly id: string;
  /** Where its process number means what it means here. */
  readonly host: string;
  readonly pid: number;
  /** When that process began, in milliseconds since 1970: tells a process from an older one of the same number. */
  readonly processBegan: number;
  /** How long the lease lasts without being renewed, in milliseconds. */
  readonly ttlMs: number;
};

/** This process, as a holder of leases. */
export function holderHere(ttlMs: number): Holder {
  return {
    id: randomUUID(),
    host: hostHere(),
    pid: process.pid,
    processBegan: Math.round(performance.timeOrigin),
    ttlMs,
  };
}

/** Whether the holder was a process of this machine that is gone. Of other machines, that is not known here. */
export function isGone({ host, pid, processBegan }: Holder, here: Holder): boolean {
  if (host !== here.host) return false;
  if (pid === here.pid) return processBegan !== here.processBegan;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Containers may share a host's name and have processes of the same numbers; each has a namespace for these. */
function hostHere(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // not on Linux
  }
}
