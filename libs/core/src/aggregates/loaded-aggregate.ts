import { UnknownEvent } from '../events/event-registry.js';
import { heldBytes } from '../events/held-bytes.js';
import { copyOfJson } from '../events/json.js';
import type { EventToAppend, RecordedEvent, StreamMetadata } from '../events/recorded-event.js';
import type { Appended } from '../store/event-store.js';
import type { AggregateDefinition } from './aggregate-definition.js';
import { isOutcome } from './command-outcome.js';
import { copyOfState } from './copy-of-state.js';
import { FoldFailed } from './fold-failed.js';
import { KnownAnswers } from './known-answers.js';

/** What an aggregate takes beside its state, and what each remembered command does. */
const OWN_BYTES = 1_000;
const ANSWER_BYTES = 40;
/** A state is not measured further than this. */
const MOST_MEASURED_BYTES = 16 * 1024 * 1024;

/** An aggregate in memory, folded to a revision of its stream. */
export class LoadedAggregate<A extends object> {
  /** The revision it is folded to; -1 before the first event. */
  revision = -1;
  /** The position of the event at that revision; `0n` before the first event. */
  position = 0n;
  /** The id of the event at that revision; empty before the first event. */
  lastEventId = '';
  /** The revision at which the state was last saved, or saving it was tried; -1 when it never was. */
  savedRevision = -1;
  /** How many more decisions are folded apart, as other writers were first not long ago. */
  foldsApartFor = 0;
  /** How often the log had been replaced when it was begun: what was read of the log before is no state of this one. */
  logsBefore = 0;
  private stateBytes = 0;
  private measuredAt = -1;

  constructor(
    private readonly definition: AggregateDefinition<A>,
    readonly aggregate: A,
    readonly answers = new KnownAnswers(),
    /** Hears of an unknown event that is left out; where it is absent, such an event is an error. */
    private readonly skipUnknown?: (event: RecordedEvent) => void,
  ) {}

  /**
   * About how much memory it takes. A state may grow with each event: it is measured whenever it has taken twice as many.
   */
  get bytes(): number {
    if (this.measuredAt < 0 || this.revision >= 2 * this.measuredAt) {
      this.stateBytes = heldBytes(this.aggregate, MOST_MEASURED_BYTES);
      this.measuredAt = Math.max(1, this.revision);
    }
    return OWN_BYTES + this.stateBytes + this.answers.size * ANSWER_BYTES;
  }

  /**
   * Folds events as the store gives them, lifted to their present shape.
   * @throws {UnknownEvent} when this code cannot read one of them and the policy is not to skip it
   * @throws {FoldFailed}
   */
  fold(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const lifted = isOutcome(event.type) ? undefined : this.lift(event);
      if (lifted) this.foldOne(lifted.data, lifted);
      this.moveTo(event.revision, event.position, event.id);
      if (event.commandId !== undefined) this.answers.remember(event.commandId, event, isOutcome(event.type));
    }
  }

  /**
   * Folds events that are to be appended behind the revision that it is at, as they would be read from the store, so that
   * a fold which throws is found before they are durable. It is a state of the stream only if they are appended, and then
   * it has to {@link moveBehind} them.
   * @throws {FoldFailed} and then it is to be thrown away
   */
  foldAhead(streamId: string, events: readonly EventToAppend[]): void {
    let { revision } = this;
    for (const event of events) {
      const { id, type, version, commandId } = event;
      revision++;
      if (isOutcome(type)) continue;
      // To itself, as if it came from the store: others hear of these events too.
      const { headers, data } = copyOfJson({ headers: event.headers, data: event.data });
      this.foldOne(data, { id, type, version, streamId, revision, commandId, headers }, false);
    }
  }

  /** The same state once more, to be folded apart; `undefined` where only its class could copy it. */
  copy(): LoadedAggregate<A> | undefined {
    const aggregate = copyOfState(this.aggregate);
    if (!aggregate) return undefined;
    const { definition, answers, skipUnknown } = this;
    const copy = new LoadedAggregate(definition, aggregate, answers, skipUnknown);
    copy.moveTo(this.revision, this.position, this.lastEventId);
    copy.savedRevision = this.savedRevision;
    copy.logsBefore = this.logsBefore;
    return copy;
  }

  /** Moves to events that are folded already and were just appended. */
  moveBehind(events: readonly EventToAppend[], { revision, position }: Appended): void {
    const { id, type, commandId } = events.at(-1)!;
    this.moveTo(revision, position, id);
    if (commandId !== undefined) this.answers.remember(commandId, { revision, position }, isOutcome(type));
  }

  /** Takes over a state that was folded to this event before. */
  moveTo(revision: number, position: bigint, lastEventId: string): void {
    this.revision = revision;
    this.position = position;
    this.lastEventId = lastEventId;
  }

  private lift(event: RecordedEvent): RecordedEvent | undefined {
    try {
      return this.definition.registry.lift(event);
    } catch (error) {
      if (!(error instanceof UnknownEvent)) throw error;
      if (!this.skipUnknown) throw error;
      this.skipUnknown(event);
      return undefined;
    }
  }

  /** Shows the fold what is known of an event when it is decided, and no more when it was read. */
  private foldOne(data: object, known: StreamMetadata, isRecorded = true): void {
    const { id, type, version, streamId, revision, commandId, headers } = known;
    try {
      this.definition.fold(this.aggregate, data, { id, type, version, streamId, revision, commandId, headers });
    } catch (cause) {
      const { name, foldOf } = this.definition;
      const method = foldOf?.(type);
      throw new FoldFailed(method === undefined ? name : `${name}.${method}`, known, cause, isRecorded);
    }
  }
}
