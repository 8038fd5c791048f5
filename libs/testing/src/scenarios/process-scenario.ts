import { processDefinition, type Class, type Effect } from '@gesta/core';
import { asJson } from './as-json.js';
import { inWords } from './effects-in-words.js';
import { placed, type Happening } from './happenings.js';
import { ProcessRun, type Taken } from './process-run.js';
import { differenceBetween, refuseAwaiting, ScenarioFailed, told, type Story } from './scenario-failed.js';
import { lineOf } from './telling.js';

/** A process manager with its past. */
export interface GivenProcessManager {
  /**
   * One thing happens: an event, a refusal or a deadline. Where no `on` puts an event on a stream, it is on the one named
   * after the first part of its name with the id `1`: `ordering.order-placed` on `ordering-1`.
   * @throws {ScenarioFailed} when the process manager does not follow such events, when its method throws or changes the
   * event, when a command that is refused was never sent, or when a deadline that is due was never set
   */
  when(happening: Happening): EffectsOutcome;
}

/** What a process manager made of what happened. */
export interface EffectsOutcome extends StateOutcome {
  /** It asked for exactly these effects, in this order; the commands' data compared as JSON. */
  then(...expected: Effect[]): StateOutcome;
  /** It asked for nothing. */
  thenNothing(): StateOutcome;
}

export interface StateOutcome {
  /** The instance's fields that are named here hold these values now, compared as JSON; the others are not looked at. */
  thenState(fields: Readonly<Record<string, unknown>>): void;
}

export class ProcessScenario implements GivenProcessManager {
  constructor(
    private readonly processClass: Class,
    private readonly history: readonly Happening[],
  ) {}

  when(happening: Happening): EffectsOutcome {
    const { name } = this.processClass;
    const run = new ProcessRun(this.processClass);
    const given = placed(this.history);
    for (const each of given) run.take(each);
    const [now, ...more] = placed([happening]);
    if (!now || more.length > 0) {
      throw new ScenarioFailed(
        `when(…) takes one event, so that it is clear what ${name} made of it; tell the others in given(…)`,
      );
    }
    const taken = run.take(now);
    if (!taken) {
      const { types } = processDefinition(this.processClass);
      throw new ScenarioFailed(`${name} is never given ${lineOf(now)}; it follows ${types.join(', ')}`);
    }
    return new Outcome(name, { given: given.map(lineOf), when: [lineOf(now)] }, taken);
  }
}

class Outcome implements EffectsOutcome {
  constructor(
    private readonly process: string,
    private readonly story: Story,
    private readonly taken: Taken,
  ) {}

  // oxlint-disable-next-line unicorn/no-thenable -- given, when, then; awaiting it is refused with an explanation
  then(...expected: Effect[]): StateOutcome {
    refuseAwaiting(expected);
    return this.compare(expected);
  }

  thenNothing(): StateOutcome {
    return this.compare([]);
  }

  thenState(fields: Readonly<Record<string, unknown>>): void {
    const { state } = this.taken;
    if (!state) throw this.failure(`${this.process} remembers nothing of this`);
    const expected = Object.entries(fields).map(([field, value]) => [
      field,
      value === undefined ? value : asJson(value),
    ]);
    const actual = Object.keys(fields).map((field) => [field, state.fields[field]]);
    const difference = differenceBetween(Object.fromEntries(expected), Object.fromEntries(actual), 'Remembered');
    if (difference !== undefined) throw this.failure(`${this.process} is in another state`, difference);
  }

  private compare(expected: readonly Effect[]): StateOutcome {
    const difference = differenceBetween(expected.map(inWords), this.taken.effects.map(inWords), 'Asked for');
    if (difference !== undefined) throw this.failure(`${this.process} asked for something else`, difference);
    // Not `this`, which has a `then`: nobody takes it for a promise.
    return { thenState: (fields) => this.thenState(fields) };
  }

  private failure(whatIsWrong: string, ...more: string[]): ScenarioFailed {
    return new ScenarioFailed(told(whatIsWrong, this.story, ...more));
  }
}
