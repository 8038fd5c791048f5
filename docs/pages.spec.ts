import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const SNIPPET = /<!-- snippet: (\S+) -->/g;

describe.each([
  { page: 'coming-from-cqrs.md', folder: 'heroes' },
  { page: 'recipes.md', folder: 'recipes' },
])('the page $page', ({ page, folder }) => {
  const text = read(page);

  it('shows every example', () => {
    const shown = [...text.matchAll(SNIPPET)].map(([, file]) => file!);
    expect(shown.sort()).toEqual(
      readdirSync(new URL(`examples/${folder}`, import.meta.url)).map((f) => `${folder}/${f}`),
    );
  });

  it.each([...text.matchAll(SNIPPET)].map(([, file]) => file!))('shows %s as it is', (file) => {
    expect(text).toContain(`<!-- snippet: ${file} -->\n\n\`\`\`ts\n${read(`examples/${file}`)}\`\`\``);
  });
});

describe('the page on installing', () => {
  const page = read('installing.md');
  const shownJson = (name: string) =>
    JSON.parse(new RegExp(`<!-- ${name} -->\\n\\n\`\`\`json\\n(.*?)\`\`\``, 's').exec(page)![1]!) as unknown;
  const inRepository = (path: string) => JSON.parse(read(`../${path}`)) as Record<string, Record<string, string>>;

  it('lists packages in the versions that are installed here', () => {
    const { dependencies, devDependencies } = shownJson('package') as Record<string, Record<string, string>>;
    const root = inRepository('package.json');
    const installed = { ...inRepository('apps/service/package.json').dependencies, ...root.devDependencies };
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      const [, library] = /^@gesta\/(.+)$/.exec(name) ?? [];
      if (library) {
        const packed = `gesta-${library}-${String(inRepository(`libs/${library}/package.json`).version)}.tgz`;
        expect(version).toBe(`file:../tarballs/${packed}`);
      } else if (installed[name] !== undefined) expect(`${name} ${version}`).toBe(`${name} ${installed[name]}`);
    }
  });

  it('sets the options for decorators as they are here', () => {
    const { compilerOptions: shown } = shownJson('tsconfig') as { compilerOptions: Record<string, unknown> };
    const { compilerOptions: ours } = inRepository('tsconfig.base.json');
    for (const option of ['target', 'module', 'experimentalDecorators', 'emitDecoratorMetadata', 'strict']) {
      expect(`${option} ${String(shown[option])}`).toBe(`${option} ${String(ours![option])}`);
    }
  });
});
