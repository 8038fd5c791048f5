import { readFileSync } from 'node:fs';

/** The most memory that this process ever had resident, in bytes. */
export function peakMemory(): number {
  // On Linux the usual counter begins with what the starting process had, so the kernel's own is asked.
  if (process.platform === 'linux') {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes) return Number(kibibytes) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
