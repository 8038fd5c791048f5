import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..');
const least = JSON.parse(readFileSync(join(folder, 'least-versions.json'), 'utf8')) as Record<
  string,
  { readonly least: string; readonly why: string }
>;
const workflows = readdirSync(join(root, '.github/workflows')).map((file) => `.github/workflows/${file}`);
const files = ['docker/Dockerfile', 'docker/compose.yaml', 'docker/compose.cluster.yaml', ...workflows];

interface Pinned {
  readonly image: string;
  readonly version: string;
}

/** What a file runs that is not made here, by the names of the images. */
function pinnedIn(text: string): Pinned[] {
  const images = [...text.matchAll(/^(?:FROM|\s*image:)\s+([\w./-]+):v?([\w.-]+)/gm)];
  const nodes = [...text.matchAll(/node-version:\s*'?([\w.]+)/g)].map(([, version]) => ({
    image: 'node',
    version: version!,
  }));
  return [...images.map(([, image, version]) => ({ image: image!, version: version! })), ...nodes].filter(
    ({ image }) => image !== 'gesta-marketplace',
  );
}

/** Whether it names a version in full that is no older. */
function isEnough(version: string, needed: string): boolean {
  const [ours, theirs] = [version, needed].map((each) => each.split(/[.-]/).slice(0, 3).map(Number));
  for (const [at, number] of theirs!.entries()) {
    if (!(ours![at]! >= 0)) return false;
    if (ours![at] !== number) return ours![at]! > number;
  }
  return true;
}

describe('isEnough', () => {
  it.each([
    ['7.0.28', '7.0.28', true],
    ['7.0.28-jammy', '7.0.28', true],
    ['7.0.100', '7.0.28', true],
    ['8.0.1', '7.0.28', true],
    ['7.0.14-jammy', '7.0.28', false],
    ['6.9.99', '7.0.28', false],
    ['7.0', '7.0.28', false],
    ['latest', '7.0.28', false],
  ])('%s, where %s is the least: %s', (version, needed, enough) => {
    expect(isEnough(version, needed)).toBe(enough);
  });
});

describe.each(files)('%s', (file) => {
  const pinned = pinnedIn(readFileSync(join(root, file), 'utf8'));

  it('runs nothing that is older than what least-versions.json says, and nothing that it does not say', () => {
    expect(pinned.length).toBeGreaterThan(0);
    for (const { image, version } of pinned) {
      expect([image, Object.keys(least)]).toEqual([image, expect.arrayContaining([image])]);
      const { least: needed, why } = least[image]!;
      expect({ image, version, needed, why, enough: isEnough(version, needed) }).toMatchObject({ enough: true });
    }
  });
});

it('least-versions.json is no older than the Node that this is tested with', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/node/package.json'), 'utf8')) as {
    version: string;
  };
  expect(isEnough(least.node!.least, version)).toBe(true);
});
