import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lease. JSON, as it is kept. */
export type Holder = {
  readonly id: string;
  /** Where its process number means what it means here. */
  readonly host: string;
  /** Of the machine's run since it was started, which no other machine shares; absent where the system does not tell. */
  readonly boot?: string;
  readonly pid: number;
  /** When the process began, as the system counts that: tells it from another one of the same number. */
  readonly began?: string;
  /** How long the lease lasts without being renewed, in milliseconds. */
  readonly ttlMs: number;
};

/** This process, as a holder of leases. */
export function holderHere(ttlMs: number): Holder {
  const [boot, began] = seesItself() ? [bootHere(), processAt(process.pid)?.began] : [];
  return {
    id: randomUUID(),
    host: hostHere(),
    ...(boot !== undefined && began !== undefined && { boot, began }),
    pid: process.pid,
    ttlMs,
  };
}

/**
 * Whether the holder was a process of this machine that is gone. Of other machines that is not known here, nor where the
 * system does not tell one machine from another of the same name: its lease is waited for.
 */
export function isGone({ host, boot, pid, began }: Holder, here: Holder): boolean {
  if (boot === undefined || boot !== here.boot || host !== here.host) return false;
  if (pid === here.pid && began === here.began) return false; // this very process
  const there = processAt(pid);
  if (there) return there.hasEnded || there.began !== began;
  try {
    process.kill(pid, 0); // those of other users may not be shown
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Containers may share a host's name and have processes of the same numbers; each has a namespace for these. */
function hostHere(): string {
  const namespaces = ['pid', 'time'].flatMap((kind) => {
    try {
      return readlinkSync(`/proc/self/ns/${kind}`);
    } catch {
      return []; // not on Linux, or one that does not have it
    }
  });
  return [hostname(), ...namespaces].join(' ');
}

function bootHere(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Whether `/proc` is of the namespace that this process has its number in. */
function seesItself(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/** The process of the number, where it is shown; it has ended also when only its parent has not asked after it yet. */
function processAt(pid: number): { readonly began: string; readonly hasEnded: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { began: fields[19]!, hasEnded: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}
