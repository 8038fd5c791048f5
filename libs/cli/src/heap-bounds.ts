/**
 * V8 sizes its heap by the machine's memory, and on a large one lets a rebuild's garbage grow to several hundred
 * megabytes before it collects. These bounds, in megabytes, cost no time and keep a rebuild below 250 in all. Documents in
 * the making live long but are replaced at every event: where V8 takes it into its head to make them among what is old,
 * it has to collect that three times as often.
 */
const BOUNDS = ['--max-semi-space-size=8', '--max-old-space-size=1536', '--no-allocation-site-pretenuring'];

/** Commands that fold a whole log. */
const FOLDING: readonly (string | undefined)[] = ['rebuild', 'rollback'];

/** What a process was started with. */
interface Started {
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The options of Node that the command is to run with, beside those that it has: none where the command folds no log, or
 * where somebody has bounded the heap already.
 * @param args what stands behind `gesta`
 */
export function heapBounds(args: readonly string[], { execArgv, env }: Started): readonly string[] {
  const folds = args.some((arg, index) => arg === 'projections' && FOLDING.includes(args[index + 1]));
  const bounded = [...execArgv, env.NODE_OPTIONS ?? ''].some((text) => /max[-_](old|semi)[-_]space/.test(text));
  return folds && !bounded ? BOUNDS : [];
}
