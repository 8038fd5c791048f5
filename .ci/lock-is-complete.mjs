// Every optional dependency that the lock file's packages name must have an entry of its own: otherwise another
// platform would be left without its binary.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = [];
for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
  for (const name of Object.keys(optionalDependencies)) {
    let folder = path;
    let found = false;
    for (;;) {
      found ||= `${folder ? `${folder}/` : ''}node_modules/${name}` in packages;
      if (found || folder === '') break;
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));
    }
    if (!found) missing.push(`${name}, of ${path || 'the root'}`);
  }
}
if (missing.length > 0) {
  console.error(`package-lock.json lacks optional dependencies:\n  ${missing.join('\n  ')}`);
  process.exit(1);
}
// better-sqlite3 ships its binaries and says so by "gypfile": false; npm reads that from the lock file only, where `npm
// install` leaves it out. Without it, `npm ci` compiles, which a machine without a compiler cannot.
if (packages['node_modules/better-sqlite3']?.gypfile !== false) {
  console.error('package-lock.json: put "gypfile": false back into the entry of better-sqlite3');
  process.exit(1);
}
console.log('complete');
