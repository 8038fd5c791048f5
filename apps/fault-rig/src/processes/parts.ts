/** The processes of a marketplace that runs as services, as it tells of them; none where it is one process. */
export class Parts {
  private readonly byName = new Map<string, number>();
  private line = '';

  /** Takes what it has said since the last time. */
  hear(text: string): void {
    const lines = (this.line + text).split('\n');
    this.line = lines.pop()!;
    for (const line of lines) {
      const [, name, pid] = /^(\S+) +\| is process (\d+)$/.exec(line) ?? [];
      if (name !== undefined) this.byName.set(name, Number(pid));
    }
  }

  get pids(): readonly number[] {
    return [...this.byName.values()];
  }

  /** To all of them that are there. */
  signal(signal: NodeJS.Signals): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended.
      }
    }
  }
}
