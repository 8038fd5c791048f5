import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The folder with a package of its own, so that nothing of it is in what is published. */
const FOLDER = fileURLToPath(new URL('../../peers/', import.meta.url));

/** Loads a package of the peers'. It is there after {@link installPeers}. */
export const requirePeer = createRequire(new URL('../../peers/package.json', import.meta.url));

/** The version of one of their packages. */
export function versionOfPeer(name: string): string {
  const { dependencies } = requirePeer('./package.json') as { dependencies: Record<string, string> };
  return dependencies[name]!;
}

/** Act reads the package that it is started in, and nothing but errors is to be heard of it. */
export function workInPeersFolder(): void {
  process.chdir(FOLDER);
  process.env.NODE_ENV = 'production';
  process.env.LOG_LEVEL = 'error';
}

/**
 * Installs the peers, as their lock file says, when they are not there.
 * @param note hears that it begins
 * @throws {Error} saying what is needed when it fails
 */
export async function installPeers(note: (text: string) => void): Promise<void> {
  if (existsSync(new URL('../../peers/node_modules/.package-lock.json', import.meta.url))) return;
  note(`Installing the peers into ${FOLDER}node_modules: some minutes where sqlite3 has to be compiled.`);
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('js') ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...first, 'ci', '--loglevel=error'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  throw new Error(
    `The peers could not be installed (npm ci in ${FOLDER} ended with ${code}). It needs the network, and a C++ compiler ` +
      `where there is no prebuilt sqlite3; the rows without --peers need neither.\n${said.trim().split('\n').slice(-8).join('\n')}`,
  );
}
