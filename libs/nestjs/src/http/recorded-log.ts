import { inLog, type EventAt, type EventStore, type Gesta } from '@gesta/core';

/** What an answer speaks of, as it is kept with it. */
export interface AnswerPlace {
  /** The log's id, as it was last seen when the answer was given. */
  readonly log?: string;
  /** The last event that came of the request. */
  readonly at?: { readonly id: string; readonly position: string };
}

/**
 * Tells whether an answer that was kept is of the log that is there: that may have been begun anew, or put back to a copy
 * in which the request was never made, while the document store with its answer was not.
 */
export class RecordedLog {
  private first: Promise<string | undefined> | undefined;

  constructor(
    private readonly events: EventStore,
    private readonly gesta: Pick<Gesta, 'log' | 'lookAtLog'>,
  ) {}

  /**
   * @param at the last event that came of a request
   * @throws {StoreUnavailable}
   */
  async place(at: EventAt | undefined): Promise<AnswerPlace> {
    const log = this.gesta.log ?? (await this.logAtFirst());
    return {
      ...(log !== undefined && { log }),
      ...(at && { at: { id: at.id, position: at.position.toString() } }),
    };
  }

  /**
   * Whether the log has what the answer speaks of. Where it has not, what is remembered of the log is forgotten.
   * @throws {StoreUnavailable}
   */
  async has({ log: before, at }: AnswerPlace): Promise<boolean> {
    const log = await this.events.log();
    const isAnother = before !== undefined && log !== undefined && log !== before;
    if (!isAnother && (!at || (await this.hasEvent(at.id, BigInt(at.position))))) return true;
    await this.gesta.lookAtLog('The log does not have what was answered of it');
    return false;
  }

  private async hasEvent(id: string, position: bigint): Promise<boolean> {
    const { head, there } = await inLog(this.events, position);
    // Where there is nothing, the event was removed since.
    return position <= head && (there === undefined || there.id === id);
  }

  private async logAtFirst(): Promise<string | undefined> {
    this.first ??= this.events.log();
    try {
      return await this.first;
    } catch (error) {
      this.first = undefined;
      throw error;
    }
  }
}
