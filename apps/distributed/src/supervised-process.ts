import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LabelledOutput } from './labelled-output.js';

/** The pause before a process that ended is started again, in milliseconds; it doubles up to the longest one. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A process that has lived so long, in milliseconds, is started again without delay. */
const LIVED_MS = 10_000;
/** How long a process that was asked to end may take, in milliseconds, before it is killed. */
const END_WITHIN_MS = 10_000;

export interface ProcessOptions {
  readonly name: string;
  /** The script to run, and what to hand to it. */
  readonly script: string;
  readonly arguments?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A process that is kept running once it was established: where it ends by itself it is started again, after a pause that
 * grows while it keeps ending soon. It has a channel to this process, by which it notices when this one is gone.
 */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private started = 0;
  private pause = FIRST_PAUSE_MS;
  private restart: NodeJS.Timeout | undefined;
  private ending = false;
  private isEstablished = false;

  /** @param endedEarly is told when it ends by itself before it was `established`; it is not started again then */
  constructor(
    private readonly options: ProcessOptions,
    private readonly output: LabelledOutput,
    private readonly endedEarly: (process: SupervisedProcess) => void,
  ) {}

  /** From now on it is started again when it ends. */
  established(): void {
    this.isEstablished = true;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { name, script, environment } = this.options;
    this.started = performance.now();
    this.child = spawn(process.execPath, [script, ...(this.options.arguments ?? [])], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true, // Ctrl-C goes to this process alone, which then ends the others in good order
    });
    this.output.say(name, `is process ${this.child.pid}`);
    this.output.follow(name, this.child.stdout!);
    this.output.follow(name, this.child.stderr!);
    this.child.once('exit', (code, signal) => this.ended(signal ?? `exit code ${code}`));
  }

  /** Asks it to end, and kills it when it does not. */
  async end(): Promise<void> {
    this.ending = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => {
      this.output.say(this.name, `does not end within ${END_WITHIN_MS / 1_000} s; it is killed`);
      child.kill('SIGKILL');
    }, END_WITHIN_MS);
    await exited;
    clearTimeout(late);
  }

  private ended(reason: string): void {
    if (this.ending) return;
    if (!this.isEstablished) {
      this.output.say(this.name, `ended (${reason}) before it was ready`);
      return this.endedEarly(this);
    }
    if (performance.now() - this.started > LIVED_MS) this.pause = FIRST_PAUSE_MS;
    this.output.say(this.name, `ended (${reason}); it is started again`);
    this.restart = setTimeout(() => this.start(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }
}
