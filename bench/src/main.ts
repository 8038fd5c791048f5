import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { readArguments } from './arguments.js';
import { chartOf } from './chart/chart.js';
import type { Finding } from './finding.js';
import { afterwards, temporaryFilesAreInMemory, thisMachine, type Machine } from './machine.js';
import { installPeers } from './peers/peer-packages.js';
import { runTask } from './processes/run-task.js';
import { Progress } from './progress.js';
import { findingsOf, resultsOf, type Results } from './results.js';
import type { RowInput } from './rows.js';
import { peersTableOf, tableOf } from './table.js';
import { TemporaryFolder } from './temporary-folder.js';

const { rows, quick, json, chart, from } = readArguments(process.argv.slice(2));
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
  const results = from === undefined ? await measured() : (JSON.parse(readFileSync(from, 'utf8')) as Results);
  if (!interrupted.signal.aborted) {
    report(results);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
    if (chart !== undefined) writeFileSync(chart, chartOf(results));
  }
} catch (error) {
  progress.note((error as Error).message);
  process.exitCode ??= 1;
} finally {
  temporary.remove();
}

async function measured(): Promise<Results> {
  for (const file of [json, chart]) if (file !== undefined) writeFileSync(file, ''); // rather now than after minutes
  if (temporaryFilesAreInMemory()) {
    progress.note('The temporary folder is in memory: nothing is durable there. Set TMPDIR to a folder on a disk.');
  }
  if (rows.some(({ option }) => option === 'peers')) await installPeers((text) => progress.note(text));
  const machine = thisMachine(temporary.path);
  const findings = await measure();
  progress.clear();
  return resultsOf(afterwards(machine), quick, findings);
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

function report({ machine, quick, ...written }: Results): void {
  console.log(heading(machine));
  if (quick) console.log('Quick: smaller numbers and fewer rounds. A first impression, no result to quote.');
  const findings = findingsOf({ machine, quick, ...written });
  const [beside, alone] = [findings.filter(({ peers }) => peers), findings.filter(({ peers }) => !peers)];
  if (alone.length > 0) console.log(`\n${tableOf(alone)}`);
  if (beside.length > 0) console.log(`\n${peersTableOf(beside)}`);
}

function heading({ cpu, cores, memory, node, sqlite, os, fdatasync, load }: Machine): string {
  return `${cpu}, ${cores} cores, ${memory} GB; ${os}; Node ${node}, SQLite ${sqlite}
fdatasync p50 ${fdatasync.p50.toFixed(2)} ms, p99 ${fdatasync.p99.toFixed(2)} ms; load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`;
}
