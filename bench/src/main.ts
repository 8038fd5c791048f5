import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { readArguments } from './arguments.js';
import { isMet, type Finding } from './finding.js';
import { temporaryFilesAreInMemory, thisMachine, type Machine } from './machine.js';
import { runTask } from './processes/run-task.js';
import { Progress } from './progress.js';
import type { RowInput } from './rows.js';
import { tableOf } from './table.js';
import { TemporaryFolder } from './temporary-folder.js';

const { rows, quick, json } = readArguments(process.argv.slice(2));
const machine = thisMachine();
const progress = new Progress(rows.length);
const temporary = new TemporaryFolder();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    interrupted.abort();
  });
}

try {
  if (json !== undefined) writeFileSync(json, ''); // rather now than after minutes
  if (temporaryFilesAreInMemory()) {
    progress.note('The temporary folder is in memory: nothing is durable there. Set TMPDIR to a folder on a disk.');
  }
  const findings = await measure();
  progress.clear();
  if (!interrupted.signal.aborted) report(findings);
} catch (error) {
  progress.note((error as Error).message);
  process.exitCode ??= 1;
} finally {
  temporary.remove();
}

/** One row after the other, each in a process of its own. A row that fails is told of, and the others are measured. */
async function measure(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, row] of rows.entries()) {
    progress.begin(index, row);
    const input: RowInput = { folder: temporary.folder(row.name), quick };
    try {
      const told = (news: unknown) => progress.tell(String(news));
      findings.push(...(await runTask<Finding[]>(row.module, input, { told, signal: interrupted.signal })));
    } catch (error) {
      if (interrupted.signal.aborted) break;
      progress.note(`Row ${row.number}, ${row.title}, could not be measured. ${(error as Error).message}`);
      process.exitCode = 1;
    }
    temporary.remove(row.name);
  }
  return findings;
}

function report(findings: readonly Finding[]): void {
  console.log(heading(machine));
  if (quick) console.log('Quick: smaller numbers and fewer rounds. A first impression, no result to quote.');
  if (findings.length > 0) console.log(`\n${tableOf(findings)}`);
  if (json === undefined) return;
  const results = findings.map((finding) => {
    const { work, unit, ours, floor, ratio, budget } = finding;
    return { work, unit, ours, floor, ratio, budget: budget.limit, met: isMet(finding) };
  });
  writeFileSync(json, `${JSON.stringify({ machine, quick, results }, undefined, 2)}\n`);
}

function heading({ cpu, cores, memory, node, sqlite, os }: Machine): string {
  return `${cpu}, ${cores} cores, ${memory} GB; ${os}; Node ${node}, SQLite ${sqlite}`;
}
