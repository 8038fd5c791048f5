import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';

/** How large it is while it is not full; memory is taken only for what is in it. */
const ROOM = '4g';
const TRIES = 20;

/**
 * A file system of the run's own, in memory, that can be full: its size is then set to what is in it. To mount one takes
 * the rights to; where they are lacking, there is a plain folder instead, which cannot be filled.
 */
export class SmallFileSystem {
  private constructor(
    readonly folder: string,
    /** Why it cannot be filled. */
    readonly unavailable: string | undefined,
  ) {}

  static prepare(folder: string): SmallFileSystem {
    mkdirSync(folder);
    const problem = run('mount', '-t', 'tmpfs', '-o', `size=${ROOM}`, 'fault-rig', folder);
    return new SmallFileSystem(folder, problem);
  }

  /** From now on there is no room for one more page. */
  fill(): void {
    let problem: string | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
      const { blocks, bfree, bsize } = statfsSync(this.folder);
      problem = this.resize(String((blocks - bfree) * bsize));
      if (problem === undefined) return; // else it has grown meanwhile
    }
    throw new Error(`The file system could not be made full: ${problem}`);
  }

  free(): void {
    const problem = this.resize(ROOM);
    if (problem !== undefined) throw new Error(`The file system could not be made larger: ${problem}`);
  }

  /** Lets go of it, with what is in it. */
  dispose(): void {
    if (this.unavailable === undefined) run('umount', '--lazy', this.folder);
  }

  private resize(size: string): string | undefined {
    return run('mount', '-o', `remount,size=${size}`, this.folder);
  }
}

/** @returns what is the matter, if anything */
function run(command: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args);
  return status === 0 ? undefined : (error?.message ?? String(stderr).trim().split('\n')[0]!);
}
