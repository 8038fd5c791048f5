import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const page = readFileSync(new URL('./getting-started.md', import.meta.url), 'utf8');
const examples = new URL('./examples/bank/', import.meta.url);

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const inRepository = (path: string) =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as unknown;
const shownJson = (name: string) =>
  JSON.parse(new RegExp(`<!-- ${name} -->\\n\\n\`\`\`json\\n(.*?)\`\`\``, 's').exec(page)![1]!) as unknown;

describe('the page on getting started', () => {
  it.each(readdirSync(examples))('shows %s as it is', (file) => {
    const code = readFileSync(new URL(file, examples), 'utf8');
    expect(page).toContain(`<!-- snippet: ${file} -->\n\n\`\`\`ts\n${code}\`\`\``);
  });

  it('lists packages in the versions that are installed here', () => {
    const { dependencies: ours, devDependencies } = shownJson('package') as Required<Manifest>;
    const { dependencies: installed } = inRepository('apps/service/package.json') as Required<Manifest>;
    for (const [name, version] of Object.entries({ ...ours, ...devDependencies })) {
      const [, library] = /^@gesta\/(.+)$/.exec(name) ?? [];
      const expected = library ? (inRepository(`libs/${library}/package.json`) as Manifest).version : installed[name];
      expect(`${name} ${version}`).toBe(`${name} ${expected}`);
    }
  });

  it('shows a tsconfig.json like those of the other applications', () => {
    const { references, ...shown } = shownJson('tsconfig') as { references: readonly unknown[] };
    const { references: _, ...other } = inRepository('apps/marketplace/tsconfig.json') as { references: unknown };
    expect(shown).toEqual(other);
    expect(inRepository('tsconfig.json')).toMatchObject({
      references: expect.arrayContaining(['core', 'nestjs', 'sqlite'].map((path) => ({ path: `libs/${path}` }))),
    });
    expect(references).toEqual(['core', 'nestjs', 'sqlite'].map((path) => ({ path: `../../libs/${path}` })));
  });

  it('names the Node that is needed', () => {
    const { engines } = inRepository('package.json') as { engines: { node: string } };
    expect(page).toContain(`Node ${engines.node.replace('>=', '')} or newer`);
  });
});
