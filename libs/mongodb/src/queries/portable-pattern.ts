/** A regular expression for the server. */
export interface ServerPattern {
  readonly source: string;
  readonly options: string;
  /** Whether the server finds just what the application's expression finds; it may find more where this is false. */
  readonly exact: boolean;
}

/** Characters that stand for themselves in every flavour. */
const LITERALS = String.raw`\w :@#=,;&%~"'<>!`;
/** A text's beginning and nothing else. */
const PREFIX = new RegExp(String.raw`^\^[${LITERALS}\u{80}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}\-]+$`, 'u');
/** One character of ASCII each, and runs of anything: what both flavours understand, the server's perhaps wider. */
const ATOM = String.raw`(?:[${LITERALS}-]|\\[-./\\*+?()[\]{}|^$]|\\[dw]|\[[\w @#/+,;&%~-]+\]|\.(?=[*+]))`;
const PORTABLE = new RegExp(String.raw`^\^?(?:${ATOM}(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?)*\$?$`);

/** Outside of classes and escapes. */
const REPETITION = /\\.|\[(?:\\.|[^\]])*\]|([*+?{])/gs;
/** The server tries one way after another, up to a limit at which the query fails: with so few it stays far from it. */
const MOST_REPETITIONS = 1;

/** The server refuses longer ones, and none so long is sane. */
const MAX_LENGTH = 1_000;

/**
 * The pattern that lets the server leave out what cannot match. MongoDB's regular expressions are Perl's, an
 * application's are JavaScript's, and these decide: a pattern is handed to the server where it is written in a way that
 * Perl's flavour takes to mean the same, or more.
 * @returns nothing where that is not certain
 */
export function serverPattern({ source, flags }: RegExp): ServerPattern | undefined {
  if (source.length > MAX_LENGTH || flags.includes('m')) return undefined; // lines end differently
  if (PREFIX.test(source) && !flags.includes('i')) return { source, options: '', exact: true };
  if (!PORTABLE.test(source)) return undefined;
  const repetitions = [...source.matchAll(REPETITION)].filter(([, repeats]) => repeats).length;
  if (repetitions > MOST_REPETITIONS + (source.startsWith('^') ? 1 : 0)) return undefined;
  return { source, options: flags.replace(/[^is]/g, ''), exact: false };
}
