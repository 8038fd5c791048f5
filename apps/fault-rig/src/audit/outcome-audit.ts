import type { RecordedEvent } from '@gesta/core';
import type { Ledger } from '../ledger.js';

type Came = 'accepted with events' | 'accepted with nothing to do' | 'refused';

const OUTCOMES: Readonly<Record<string, Came>> = {
  'gesta.command-accepted': 'accepted with nothing to do',
  'gesta.command-refused': 'refused',
};

/** Whether an event of an aggregate's stream says what came of a command, and is nothing that happened there. */
export function isOutcome({ type }: RecordedEvent): boolean {
  return Object.hasOwn(OUTCOMES, type);
}

/** What came of each command, as the streams of the aggregates tell it: one thing, once. */
export class OutcomeAudit {
  /** By stream and id of the command. */
  private readonly known = new Map<string, { came: Came; revision: number }>();

  /** @param event of an aggregate's stream, in the stream's order */
  took(event: RecordedEvent, ledger: Ledger): void {
    const { streamId, revision, commandId, type } = event;
    if (commandId === undefined) return;
    const came = OUTCOMES[type] ?? 'accepted with events';
    const place = `${streamId} ${commandId}`;
    const before = this.known.get(place);
    // What one decision says stands together.
    const goesOn = before?.came === came && !isOutcome(event) && before.revision === revision - 1;
    if (before && !goesOn) {
      const [first, second] = [before, { came, revision }].map((each) => `${each.came} at revision ${each.revision}`);
      ledger.wrong('doubled', `command ${commandId} in ${streamId} was ${first} and ${second}`);
    }
    this.known.set(place, { came, revision });
  }
}
