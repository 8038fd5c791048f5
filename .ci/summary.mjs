// Adds up jest's results. A test that was skipped counts as failed: nothing is left out silently.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.error(`no results in ${file}`);
    failed++;
    continue;
  }
  const results = JSON.parse(readFileSync(file, 'utf8'));
  passed += results.numPassedTests;
  const left = results.numPendingTests + results.numTodoTests;
  if (left > 0) console.error(`${left} tests were skipped`);
  failed += results.numFailedTests + results.numRuntimeErrorTestSuites + left;
  if (!results.success && results.numFailedTests + results.numRuntimeErrorTestSuites === 0) failed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
