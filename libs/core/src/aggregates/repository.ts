import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { DomainEvent } from '../events/domain-event.js';
import { isKeptAside } from '../events/hidden-fields.js';
import type { EventHeaders, EventToAppend, RecordedEvent } from '../events/recorded-event.js';
import type { Validator } from '../events/validation-failed.js';
import { beginDecision, type BegunDecision, type TransactContext } from '../messaging/message-context.js';
import type { NoticeListener, UnknownEventPolicy } from '../observability/notice.js';
import type { Refusal } from '../processes/process-manager.decorator.js';
import { StoreUnavailable, StreamIncomplete, WrongExpectedRevision } from '../store/errors.js';
import type { Appended, EventStore } from '../store/event-store.js';
import { streamId } from '../store/stream-id.js';
import type { AggregateDefinition } from './aggregate-definition.js';
import type { Decision } from './aggregate.decorator.js';
import { CallPatience, type PatientCall } from './call-patience.js';
import {
  acceptedEvent,
  CommandIdTaken,
  CommandWasRefused,
  refusalIn,
  refusedEvent,
  saysOtherwise,
} from './command-outcome.js';
import { ConcurrencyConflict } from './concurrency-conflict.js';
import { DomainError } from './domain-error.js';
import { copyOfData } from './copy-of-state.js';
import { eventAt, eventsBack } from './events-back.js';
import { eventsToAppend } from './events-to-append.js';
import { KeyedQueue } from './keyed-queue.js';
import { LoadedAggregate } from './loaded-aggregate.js';
import type { Snapshots } from './snapshots.js';

/** What a command resolves to. */
export interface CommandResult {
  readonly streamId: string;
  /** The stream's last revision after the command; -1 where there is no event. */
  readonly revision: number;
  /** The position of that event: give it to `readModel.waitFor` to read your own writes. `0n` where there is no event. */
  readonly position: bigint;
}

/** Events of one decision, durable. */
export interface Commit extends CommandResult {
  /** What was stated, as it was recorded; of a class that applies its events itself, the very events that it applied. */
  readonly events: readonly DomainEvent[];
  readonly commandId: string | undefined;
  readonly headers: EventHeaders;
}

export interface RepositoryOptions {
  snapshots?: Snapshots | undefined;
  /** Checks every event before it is appended. */
  validate?: Validator | undefined;
  /** How many aggregates stay in memory; 10,000 when absent, 0 keeps none. */
  cacheSize?: number | undefined;
  /** About how much memory they may take; 64 MB when absent. */
  cacheBytes?: number | undefined;
  /** How often one command decides before it gives way to other writers; 10 when absent. */
  maxDecisions?: number | undefined;
  /**
   * Hears of what was appended, after it is durable. At most once: what must not be lost subscribes to the store. It must
   * not throw.
   */
  committed?: ((commit: Commit) => void) | undefined;
  /** With `skip`, events of unknown names or versions are left out of the fold; otherwise the command fails. `park` when absent. */
  unknownEvents?: UnknownEventPolicy | undefined;
  /**
   * How long a command may take from its call on, with waiting for those before it and every try, in milliseconds; as long as
   * the store says when absent, or 10,000.
   */
  patienceMs?: number | undefined;
  notice?: NoticeListener | undefined;
}

/**
 * For so many decisions after another writer was first, events are folded ahead on a copy: where it happens again, what came
 * since is enough, and the stream is not read from its beginning.
 */
const FOLDED_APART = 16;

/** An append whose outcome is unknown is tried this often, with the same event ids, which tell a repeat from a loss. */
const APPEND_ATTEMPTS = 3;
/** And no later than so, in milliseconds: a store that has waited for its server has been patient for all of them. */
const APPEND_AGAIN_WITHIN_MS = 2_000;

/**
 * Loads aggregates, lets them decide and appends what they state.
 *
 * Commands of one stream are decided one after the other in this process; where another process wrote in between, what
 * it wrote is folded and the command decides again. Recently used aggregates stay in memory with their revision (as
 * Equinox does): an append at that revision needs no read, and no refusal is given before the stream's end was seen.
 */
export class Repository<A extends object> {
  private readonly queue = new KeyedQueue();
  private readonly patience: CallPatience;
  private readonly cache: LRUCache<string, LoadedAggregate<A>> | undefined;
  private readonly maxDecisions: number;
  /** How often the log was found to be another one. */
  private logsBefore = 0;
  private isCopyable: boolean | undefined;
  private readonly skipUnknown: ((event: RecordedEvent) => void) | undefined;

  constructor(
    readonly definition: AggregateDefinition<A>,
    private readonly store: EventStore,
    private readonly options: RepositoryOptions = {},
  ) {
    const {
      cacheSize = 10_000,
      cacheBytes = 64 * 1024 * 1024,
      maxDecisions = 10,
      unknownEvents: policy,
      notice,
    } = options;
    if (policy === 'skip') {
      const reader = definition.name;
      this.skipUnknown = (event) => notice?.({ kind: 'unknown-event', reader, event, policy });
    }
    this.cache =
      cacheSize > 0 && cacheBytes > 0
        ? new LRUCache({ max: cacheSize, maxSize: cacheBytes, sizeCalculation: ({ bytes }) => bytes })
        : undefined;
    this.maxDecisions = maxDecisions;
    this.patience = new CallPatience(options.patienceMs ?? store.patienceMs);
  }

  /**
   * Decides on the aggregate and appends what the decision states.
   *
   * @param id the aggregate's id; the stream is the category, a dash and the id
   * @param decide returns events, or nothing; it may run more than once and must have no other effects
   * @param context a command id, by which a repeat is given its first answer, also where nothing was to be done (the
   * latest 1,000 ids of a stream are known; of a message that came through the log, all since then), with what tells the
   * command from another one, and headers for the events; what is absent comes from the surrounding message
   * @throws what `decide` throws, once it is sure that the state was the latest
   * @throws {CommandIdTaken} when the command id was used for a command that says something else
   * @throws {ValidationFailed} when an event breaks its class's rules
   * @throws {NotJson} when an event or a header holds what JSON cannot hold
   * @throws {ConcurrencyConflict} when other writers were first, `maxDecisions` times in a row
   * @throws {UnknownEvent} when the stream holds an event that this code cannot read
   * @throws {FoldFailed} when the aggregate's fold throws; on the decision's own events before anything is appended
   * @throws {StreamIncomplete} when the beginning of the stream was cut off, and no snapshot goes as far
   * @throws {AppendTooLarge | StreamTombstoned} when the store never takes the events
   * @throws {InvalidStreamId} when the id cannot be part of a stream's name
   * @throws {StoreUnavailable} when the store does not answer, or the command's patience is over
   */
  async transact(id: string, decide: (aggregate: A) => Decision, context?: TransactContext): Promise<CommandResult> {
    const stream = streamId(this.definition.category, id);
    const decision = beginDecision(stream, context, this.methodFor(context?.command));
    try {
      return await this.patience.during(stream, this.store, (call) =>
        this.queue.run(stream, () =>
          // What hangs ends with its call, so that the next one has its turn.
          call.inTime(() => this.decideAndAppend(stream, id, decide, decision, call)),
        ),
      );
    } finally {
      decision.end();
    }
  }

  /** The aggregate as the store has it now, apart from the one in memory: look at it, do not keep it. */
  async load(id: string): Promise<{ readonly aggregate: A; readonly revision: number }> {
    const stream = streamId(this.definition.category, id);
    const { aggregate, revision } = await this.patience.during(stream, this.store, (call) => {
      call.begin();
      return this.read(stream, id, call);
    });
    return { aggregate, revision };
  }

  /** The log is another one, or was put back to an older state: what is in memory is no state of its streams. */
  forget(): void {
    this.logsBefore++;
    this.cache?.clear();
  }

  private methodFor(command: object | undefined): string | undefined {
    return command && this.definition.handlers.find((each) => each.command === command.constructor)?.method;
  }

  private remember(stream: string, loaded: LoadedAggregate<A>): void {
    if (loaded.logsBefore === this.logsBefore) this.cache?.set(stream, loaded);
  }

  private async decideAndAppend(
    stream: string,
    id: string,
    decide: (aggregate: A) => Decision,
    decision: BegunDecision,
    call: PatientCall,
  ): Promise<CommandResult> {
    call.begin();
    const cached = this.cache?.get(stream);
    // Out of the cache while it is worked on: only a state that is known to be good goes back.
    this.cache?.delete(stream);
    let latest = cached === undefined;
    let loaded = cached ?? (await this.read(stream, id, call));
    for (let decisions = 1; ;) {
      const outcome = await this.outcomeOf(stream, loaded, decision, call);
      if (outcome) return this.answerAgain(stream, loaded, decide, outcome, decision);

      const { stated, refusal } = this.decide(loaded, decide);
      const { revision } = loaded;
      const unrecorded = stated.length === 0 && recordOf(stream, revision, decision, refusal) === undefined;
      if (unrecorded) {
        if (!latest) {
          const { lastEventId } = loaded;
          loaded = await this.refresh(stream, id, loaded, call);
          latest = true;
          if (loaded.lastEventId !== lastEventId) continue; // the state was stale: decide on the new one
        }
        decision.resolve();
        if (!refusal) return this.keep(stream, loaded);
        throw this.refused(stream, loaded, refusal.error);
      }

      const events = await this.toAppend(stated, stream, revision, decision, refusal);
      const folded = await this.foldAhead(stream, id, loaded, stated, events, decision, call);
      let appended: Appended;
      try {
        appended = await this.append(stream, events, revision, call);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (decisions >= this.maxDecisions) throw new ConcurrencyConflict(stream, decisions, error);
        decisions++;
        this.options.notice?.({ kind: 'redecided', streamId: stream, attempt: decisions });
        await delay(Math.random() * Math.min(50, 2 ** decisions));
        // Where the one at hand has folded what is not in the stream, it is no state of it any more.
        loaded = await (folded === loaded ? this.read(stream, id, call) : this.refresh(stream, id, loaded, call));
        loaded.foldsApartFor = FOLDED_APART;
        latest = true;
        continue;
      }
      const result = this.take(stream, folded, stated, events, appended, decision);
      decision.resolve();
      if (refusal) throw this.refused(stream, folded, refusal.error);
      return result;
    }
  }

  /** The events of the decision, or the one that says what it came to where it has none. */
  private async toAppend(
    stated: readonly DomainEvent[],
    stream: string,
    revision: number,
    decision: BegunDecision,
    refusal: { readonly error: unknown } | undefined,
  ): Promise<readonly EventToAppend[]> {
    const record = stated.length === 0 && recordOf(stream, revision, decision, refusal);
    if (record) return [record];
    try {
      return await eventsToAppend(stated, stream, revision, decision, this.options.validate);
    } catch (error) {
      decision.resolve(); // what it decided cannot be recorded, however often it is tried
      throw error;
    }
  }

  /**
   * The last event of what came of the command, if anything has: where it is remembered, and further back where the
   * command is older than what is remembered.
   */
  private async outcomeOf(
    stream: string,
    loaded: LoadedAggregate<A>,
    { commandId, content, position: after }: BegunDecision,
    { store }: PatientCall,
  ): Promise<Outcome | undefined> {
    if (commandId === undefined) return undefined;
    const { answers } = loaded;
    if (after !== undefined && after < answers.completeAfter) {
      answers.reachBack(await eventsBack(store, stream, answers.oldestRevision ?? loaded.revision + 1, after), after);
    }
    let taken: CommandIdTaken | undefined;
    for (const { revision, position } of answers.placesOf(commandId)) {
      const event = await eventAt(store, stream, revision);
      // What was cut off the stream's beginning since can only be believed.
      if (!event) return { revision, position };
      if (event.commandId !== commandId) continue;
      const refusal = refusalIn(event);
      if (!saysOtherwise(event, content)) return { revision, position: event.position, id: event.id, refusal };
      if (!refusal) taken ??= new CommandIdTaken(commandId, stream, revision);
    }
    if (taken) throw taken;
    return undefined;
  }

  private answerAgain(
    stream: string,
    loaded: LoadedAggregate<A>,
    decide: (aggregate: A) => Decision,
    { revision, position, id: eventId, refusal }: Outcome,
    decision: BegunDecision,
  ): CommandResult {
    decision.resolve();
    if (eventId !== undefined) decision.recorded({ id: eventId, position });
    if (!refusal) {
      this.remember(stream, loaded);
      return { streamId: stream, revision, position };
    }
    if (this.definition.foldsWhileDeciding) throw new CommandWasRefused(refusal);
    this.remember(stream, loaded);
    // Where it would be refused for the same reason now, whoever asks sees that reason's own class.
    const now = this.decide(loaded, decide).refusal?.error;
    throw now instanceof DomainError && now.name === refusal.name ? now : new CommandWasRefused(refusal);
  }

  /** After a clean refusal the state in memory is good; after anything else it may not be. */
  private refused(stream: string, loaded: LoadedAggregate<A>, error: unknown): unknown {
    if (error instanceof DomainError && !this.definition.foldsWhileDeciding) this.remember(stream, loaded);
    else this.cache?.delete(stream);
    return error;
  }

  private decide(loaded: LoadedAggregate<A>, decide: (aggregate: A) => Decision) {
    try {
      return { stated: this.definition.stated(loaded.aggregate, decide(loaded.aggregate)) };
    } catch (error) {
      return { stated: [], refusal: { error } };
    }
  }

  private async append(
    stream: string,
    events: readonly EventToAppend[],
    revision: number,
    call: PatientCall,
  ): Promise<Appended> {
    const expected = revision < 0 ? 'no-stream' : revision;
    const begun = performance.now();
    for (let attempt = 1; ; attempt++) {
      const began = performance.now();
      try {
        return await call.store.append(stream, events, { expected });
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || attempt >= APPEND_ATTEMPTS) throw error;
        if (performance.now() - begun > APPEND_AGAIN_WITHIN_MS) throw error;
        // Another try may take as long as this one.
        if (!call.hasTimeFor(performance.now() - began)) throw error;
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  /**
   * Folds what is about to be appended, as it would be read from the store: what a fold would throw on is not to become
   * durable. Where deciding has folded something else than what is recorded, the stream is folded apart from it.
   * @returns the aggregate that is the state of the stream once the events are in it
   * @throws {FoldFailed} before anything is appended
   */
  private async foldAhead(
    stream: string,
    id: string,
    loaded: LoadedAggregate<A>,
    stated: readonly DomainEvent[],
    events: readonly EventToAppend[],
    decision: BegunDecision,
    call: PatientCall,
  ): Promise<LoadedAggregate<A>> {
    let ahead = loaded;
    if (this.definition.foldsWhileDeciding) {
      // What deciding has folded is good only where a reload would fold the same.
      if (stated.every(({ data }, index) => sameFields(events[index]!.data, data))) return loaded;
      ahead = await this.read(stream, id, call);
      if (ahead.revision !== loaded.revision) return loaded; // others were first, as the append will say
    } else if (loaded.foldsApartFor > 0 && this.canCopy()) {
      ahead = loaded.copy() ?? loaded;
      ahead.foldsApartFor = loaded.foldsApartFor - 1;
    }
    try {
      ahead.foldAhead(stream, events);
    } catch (error) {
      decision.resolve(); // what it decided cannot be recorded, however often it is tried
      throw error;
    }
    return ahead;
  }

  /** Whether all that its aggregates hold is in their fields. */
  private canCopy(): boolean {
    return (this.isCopyable ??= !isKeptAside(() => this.definition.create('')));
  }

  /** Takes over what was just appended, and tells of it. */
  private take(
    stream: string,
    folded: LoadedAggregate<A>,
    stated: readonly DomainEvent[],
    events: readonly EventToAppend[],
    appended: Appended,
    { commandId, headers, recorded }: BegunDecision,
  ): CommandResult {
    const { foldsWhileDeciding } = this.definition;
    folded.moveBehind(events, appended);
    recorded({ id: events.at(-1)!.id, position: appended.position });
    if (stated.length > 0) {
      this.options.committed?.({
        streamId: stream,
        ...appended,
        events: foldsWhileDeciding
          ? stated.map(apart)
          : stated.map((event, index) => ({ ...event, data: events[index]!.data })),
        commandId,
        headers,
      });
    }
    return this.keep(stream, folded);
  }

  /** Brings it to the stream's end. Where deciding has changed it, or the stream is not what it was, it is read anew. */
  private async refresh(
    stream: string,
    id: string,
    loaded: LoadedAggregate<A>,
    call: PatientCall,
  ): Promise<LoadedAggregate<A>> {
    if (!this.definition.foldsWhileDeciding && (await this.catchUp(stream, loaded, call))) return loaded;
    return this.read(stream, id, call);
  }

  private async read(stream: string, id: string, call: PatientCall): Promise<LoadedAggregate<A>> {
    const { logsBefore } = this;
    const loaded = await this.readNow(stream, id, call);
    loaded.logsBefore = logsBefore;
    return loaded;
  }

  private async readNow(stream: string, id: string, call: PatientCall): Promise<LoadedAggregate<A>> {
    const saved = await this.saved(stream, id, call);
    if (saved && (await this.catchUp(stream, saved, call))) return saved;
    const loaded = new LoadedAggregate(this.definition, this.definition.create(id), undefined, this.skipUnknown);
    for await (const events of call.store.readStream(stream)) {
      if (loaded.revision < 0) await this.checkBeginning(stream, events[0]!.revision, call);
      loaded.fold(events);
    }
    return loaded;
  }

  /** @throws {StreamIncomplete} when what was before the first event is gone, and was not of a former life */
  private async checkBeginning(stream: string, first: number, { store }: PatientCall): Promise<void> {
    if (first === 0 || !store.beginsAt || (await store.beginsAt(stream, first))) return;
    throw new StreamIncomplete(stream, first);
  }

  private async saved(stream: string, id: string, call: PatientCall): Promise<LoadedAggregate<A> | undefined> {
    const { snapshots, notice } = this.options;
    if (!snapshots || !this.definition.snapshot) return undefined;
    try {
      return await call.inTime(() => snapshots.load(stream, this.definition, id, this.skipUnknown));
    } catch (error) {
      notice?.({ kind: 'snapshot-failed', streamId: stream, error });
      return undefined;
    }
  }

  /**
   * Folds what came since.
   * @returns false when the event it was folded to is not there any more: then it is no state of this stream
   */
  private async catchUp(stream: string, loaded: LoadedAggregate<A>, { store }: PatientCall): Promise<boolean> {
    let verified = loaded.revision < 0;
    for await (const events of store.readStream(stream, { from: Math.max(0, loaded.revision) })) {
      if (!verified && events[0]?.id !== loaded.lastEventId) return false;
      loaded.fold(verified ? events : events.slice(1));
      verified = true;
    }
    return verified;
  }

  private keep(stream: string, loaded: LoadedAggregate<A>): CommandResult {
    this.remember(stream, loaded);
    const { revision, position } = loaded;
    const { snapshots, notice } = this.options;
    const { snapshot } = this.definition;
    if (snapshots && snapshot && revision - loaded.savedRevision >= snapshot.every) {
      // Beside the command: a snapshot is a shortcut, and its absence no failure.
      snapshots
        .save(stream, this.definition, loaded)
        .catch((error: unknown) => notice?.({ kind: 'snapshot-failed', streamId: stream, error }));
    }
    return { streamId: stream, revision, position };
  }
}

/** What came of a command before: the place of its last event, and the refusal if it was one. */
interface Outcome {
  readonly revision: number;
  readonly position: bigint;
  /** Of that event; absent where it was cut off. */
  readonly id?: string;
  readonly refusal?: Refusal | undefined;
}

/** The event that says what a decision without events came to, where a repeat is to be told the same. */
function recordOf(
  stream: string,
  revision: number,
  decision: BegunDecision,
  refusal: { readonly error: unknown } | undefined,
): EventToAppend | undefined {
  if (decision.commandId === undefined) return undefined;
  if (!refusal) return acceptedEvent(stream, revision, decision);
  const stands = decision.refusalsStand && refusal.error instanceof DomainError;
  return stands ? refusedEvent(stream, revision, decision, refusal.error as DomainError) : undefined;
}

/** What whoever hears of it may change: the aggregate that has applied the event may hold parts of it. */
function apart(event: DomainEvent): DomainEvent {
  return { ...event, data: copyOfData(event.data) };
}

/** Whether the trip through JSON left every field as it was. */
function sameFields(json: object, stated: object): boolean {
  const before = stated as Record<string, unknown>;
  const after = json as Record<string, unknown>;
  return [...Object.keys(before), ...Object.keys(after)].every((field) =>
    isDeepStrictEqual(after[field], before[field]),
  );
}
