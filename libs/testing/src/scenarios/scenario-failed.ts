import { isDeepStrictEqual } from 'node:util';
import { diff } from 'jest-diff';

/** A scenario did not turn out as its `then` says, or could not take place. */
export class ScenarioFailed extends Error {
  override readonly name = 'ScenarioFailed';
}

/** A scenario as it is told in a failure message: what was given, and what happened then. */
export interface Story {
  readonly given: readonly string[];
  readonly when: readonly string[];
}

/** The message of a failure: what is wrong, the story, and what bears on it. */
export function told(whatIsWrong: string, { given, when }: Story, ...more: string[]): string {
  return [whatIsWrong, chapter('Given', given), chapter('When', when), ...more].join('\n\n');
}

/** `Given:` and a line for each thing. */
export function chapter(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...(lines.length > 0 ? lines : ['nothing']).map((line) => `  ${line}`)].join('\n');
}

/**
 * How two JSON values differ, line by line; `undefined` when they do not.
 * @param received what the second one is called
 */
export function differenceBetween(expected: unknown, actual: unknown, received: string): string | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return diff(expected, actual, { aAnnotation: 'Expected', bAnnotation: received }) ?? '';
}

/**
 * A scenario has a `then`, so `await` takes it for a promise and calls that.
 * @throws {ScenarioFailed} when that is what happened
 */
export function refuseAwaiting(expected: readonly unknown[]): void {
  if (typeof expected[0] !== 'function') return;
  throw new ScenarioFailed(
    'A scenario is not awaited: say what is expected by .then(…), and do not return what .when(…) gives',
  );
}
