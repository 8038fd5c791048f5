// Writes docs/mistakes.md: the spec does everything that is wrong, and takes down what Gesta says.
import { spawnSync } from 'node:child_process';

const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'docs/mistakes.spec'];
const { status } = spawnSync(process.execPath, jest, {
  stdio: 'inherit',
  env: { ...process.env, WRITE_MISTAKES: 'yes' },
});
process.exitCode = status ?? 1;
