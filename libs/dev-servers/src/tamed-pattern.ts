import { createContext, Script } from 'node:vm';
import { boundedPattern, InvalidPattern, type BoundedPattern, type PatternMatch } from '@gesta/core';

/** A regular expression took longer than the server gives it. */
export class PatternTookTooLong extends Error {
  override readonly name = 'PatternTookTooLong';
  constructor(source: string) {
    super(`The regular expression /${source}/ took more than ${PATIENCE_MS} ms: nothing else was answered meanwhile`);
  }
}

/** What an expression may take, over all texts that it is tried on before others have their turn. */
const PATIENCE_MS = 250;

/**
 * A regular expression that cannot stop the server. What RE2 can run is run by it, in a time that grows no faster than the
 * text. What it cannot (look-around, back-references, very large ones) is tried one way after another, within a limit.
 * @param flags of `i`, `m`, `s` and `u`
 * @throws {Error} when nobody can read it; and its methods do, when it takes too long
 */
export function tamedPattern(source: string, flags: string): BoundedPattern {
  try {
    return boundedPattern(source, flags);
  } catch (error) {
    if (!(error instanceof InvalidPattern) || error.has === undefined) throw error;
    return limited(source, expressionOf(source, flags));
  }
}

function expressionOf(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags.replace('u', '')}u`);
  } catch {
    return new RegExp(source, flags);
  }
}

const interruptible = createContext({ work: undefined as (() => unknown) | undefined });
const script = new Script('work()');

function limited(source: string, expression: RegExp): BoundedPattern {
  let left = PATIENCE_MS;
  const within = <T>(work: () => T): T => {
    if (left === PATIENCE_MS) setImmediate(() => (left = PATIENCE_MS));
    const begun = performance.now();
    try {
      if (left < 1) throw new PatternTookTooLong(source);
      interruptible.work = work;
      return script.runInContext(interruptible, { timeout: Math.ceil(left) }) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new PatternTookTooLong(source);
    } finally {
      interruptible.work = undefined;
      left = Math.max(0, left - (performance.now() - begun));
    }
  };
  const everywhere = new RegExp(expression, `${expression.flags}g`);
  return {
    test: (text) => within(() => expression.test(text)),
    *matches(text) {
      yield* within(() => [...text.matchAll(everywhere)].map(matchOf));
    },
  };
}

const matchOf = (found: RegExpExecArray): PatternMatch => ({ index: found.index, groups: [...found] });
