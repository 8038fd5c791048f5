import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { Chapter } from './wrong-use.js';

/** What Gesta says of each mistake, by its words. */
export type Said = ReadonlyMap<string, string>;

/** The page: what one does, how, and what Gesta says. */
export function pageOf(chapters: readonly Chapter[], said: Said): string {
  const parts = chapters.map(({ title, file, mistakes }) => {
    const code = codeIn(file);
    const all = mistakes.map(
      ({ what }) => `### ${what}\n\n\`\`\`ts\n${code.get(what)}\n\`\`\`\n\n\`\`\`text\n${said.get(what)}\n\`\`\`\n`,
    );
    return `## ${title}\n\n${all.join('\n')}`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

const HEAD = `# Mistakes

What one does wrong, and what Gesta says of it, word for word. Nothing here is silent: what can be known at start is refused at
start, and nothing wrong is recorded.

The page is made from [what is done wrong](mistakes/) by \`npm run docs:mistakes\`, and a spec does it all and compares.
`;

/** The source of what is done, by its words. */
function codeIn(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'mistake') {
      const [what, does] = node.arguments;
      if (ts.isStringLiteralLike(what!) && ts.isArrowFunction(does!)) found.set(what.text, bodyOf(does, text));
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

function bodyOf({ body }: ts.ArrowFunction, text: string): string {
  if (!ts.isBlock(body)) return unindented(`    ${body.getText()}`);
  const inner = text.slice(body.getStart() + 1, body.end - 1).replace(/^\n|\n\s*$/g, '');
  const lines = inner
    .split('\n')
    .filter((line) => !/^\s*(\/\/ @ts-expect-error|return [A-Z]\w+;$|return start\()/.test(line));
  return unindented(lines.join('\n'));
}

function unindented(code: string): string {
  const lines = code.split('\n');
  const least = Math.min(...lines.filter(Boolean).map((line) => /^ */.exec(line)![0].length));
  return lines.map((line) => line.slice(least)).join('\n');
}
