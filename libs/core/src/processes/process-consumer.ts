import { LRUCache } from 'lru-cache';
import type { EventRegistry } from '../events/event-registry.js';
import type { JsonObject } from '../events/json.js';
import type { EventHeaders, RecordedEvent } from '../events/recorded-event.js';
import { byKeyInPortions, type WorkByKey } from '../readers/by-key.js';
import { DocumentMark, MARK_KEY } from '../readers/document-mark.js';
import { DocumentsAtOnce } from '../readers/documents-at-once.js';
import type { EventConsumer, Failure, KeyedEvent, TakeOptions } from '../readers/event-consumer.js';
import { GonePast } from '../readers/gone-past.js';
import { Pauses } from '../readers/pauses.js';
import { failuresOfRefused, putWhatIsTaken } from '../readers/refused-documents.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import type { EventFilter, EventStore } from '../store/event-store.js';
import { DeadlineClock } from './deadline-clock.js';
import { dispatch, handedOn, namesHandedOn, outgoing, type OutgoingCommand } from './outbox.js';
import { ofItsOwn, type ProcessDefinition, type ProcessState } from './process-definition.js';

/** How often a method that throws is tried before its instance is parked. */
const ATTEMPTS = 3;

/** An instance as it is stored: its state, the commands that its last events led to, and when it next wants to be woken. */
interface InstanceDocument extends ProcessState {
  readonly outbox: readonly OutgoingCommand[];
  /** The earliest deadline, in milliseconds since 1970. */
  readonly dueAt: number | null;
  /** What a deadline that passes hands on: the headers of what last moved the instance. */
  readonly headers: EventHeaders;
  /** The position of the last event that it has taken, by the event's type. Documents of before do not have it. */
  readonly took?: Readonly<Record<string, string>>;
  /** Up to where it has taken the log, where its version is another number because it was given an event late. */
  readonly at?: string;
  /** When the event was recorded that last moved it; absent in what older versions stored. */
  readonly movedAt?: string;
}

interface Acting {
  /** Of the document. */
  version: bigint;
  /** Up to where it has taken the log. */
  at: bigint;
  took: Record<string, string>;
  state: ProcessState | undefined;
  outbox: OutgoingCommand[];
  headers: EventHeaders;
  movedAt: string | undefined;
  changed: boolean;
  /** It was given what it had taken before: whoever had it take that may not have lived to see to the rest. */
  isRepeat: boolean;
  /** It was completed and has been cleared away since: a tombstone is all that is left of it. */
  readonly hasEnded: boolean;
  failed?: { readonly event: RecordedEvent; readonly error: unknown };
}

/**
 * Moves instances of a process manager. An instance is one document {state, position, outbox, deadlines}, moved by one
 * conditional write; its commands leave after that, and before the checkpoint passes the events that led to them.
 *
 * So an outbox is empty once the checkpoint is past what last moved its instance, whatever its document still says: what
 * is there has left, and no owner has it leave again. Before that it may not have left, and leaves again under the same
 * ids.
 */
export class ProcessConsumer implements EventConsumer {
  readonly registry: EventRegistry;
  readonly filter: EventFilter;
  private readonly atOnce = new DocumentsAtOnce();
  private readonly pauses = new Pauses();
  private readonly clock: DeadlineClock;
  private readonly documentMark: DocumentMark;
  /** Ids of commands that this owner has seen leave; only to spare repeats, which do no harm. It takes its room at once. */
  private left: LRUCache<string, true> | undefined;

  constructor(
    private readonly definition: ProcessDefinition,
    readonly documents: DocumentCollection,
    private readonly store: EventStore,
    now: () => Date,
    /** The names of the headers that commands and deadlines have of the events that they follow from. */
    private readonly handOn = namesHandedOn(),
  ) {
    this.documentMark = new DocumentMark(documents.name);
    this.registry = definition.registry;
    this.filter = { types: definition.types };
    this.clock = new DeadlineClock(definition.name, documents, store, now);
  }

  opened(_pristine: boolean, mark?: bigint): void {
    this.left = undefined; // it may have been put back, with a log in which they have not left yet
    this.documentMark.opened(mark);
  }

  get mark(): bigint | undefined {
    return this.documentMark.version;
  }

  keysOf(event: RecordedEvent): readonly string[] {
    const key = this.definition.keyOf(event);
    return key === undefined ? [] : [key];
  }

  whileOwned(signal: AbortSignal): Promise<void> {
    return this.clock.run(signal);
  }

  async take(work: readonly KeyedEvent[], options: Omit<TakeOptions, 'signal'>): Promise<readonly Failure[]> {
    const failures: Failure[] = [];
    for (const some of byKeyInPortions(work, this.atOnce)) failures.push(...(await this.takeSome(some, options)));
    return failures;
  }

  private async takeSome(
    { work, byKey }: WorkByKey,
    options: Omit<TakeOptions, 'signal'>,
  ): Promise<readonly Failure[]> {
    const { passed } = options;
    const stored = await this.atOnce.get(this.documents, [...byKey.keys(), MARK_KEY]);
    this.documentMark.met(stored);
    const actings = new Map<string, Acting>();
    for (const { key, event } of work) {
      let acting = actings.get(key);
      if (!acting) actings.set(key, (acting = this.begin(stored.get(key), passed)));
      this.act(acting, key, event, options);
      if (this.pauses.isDue) await this.pauses.take();
    }

    const changed = [...actings].filter(([, acting]) => acting.changed).map(([key, acting]) => toStore(key, acting));
    const marked = this.documentMark.with(changed, work.at(-1)?.event);
    const { behind, refused } = await putWhatIsTaken(this.documents, marked);
    this.documentMark.isPut(marked);
    const isBehind = new Set(behind);
    const outboxes = [...actings].map(([key, { outbox }]) => {
      if (isBehind.has(key)) return [];
      return refused.has(key) ? this.begin(stored.get(key), passed).outbox : outbox; // only what is stored may leave
    });
    await Promise.all(outboxes.map((commands) => this.dispatch(commands)));
    for (const [key, acting] of actings) {
      const { state, headers, changed: isChanged, isRepeat } = acting;
      if (state && (isChanged || isRepeat) && !refused.has(key) && !isBehind.has(key))
        await this.clock.isSet(key, state.deadlines, headers);
    }

    const failures = [...actings].flatMap(([key, { failed }]) =>
      failed && !refused.has(key) && !isBehind.has(key) ? [{ key, ...failed, attempts: ATTEMPTS }] : [],
    );
    // Where another owner was further, its document counts, and its commands, as it may not live to see them off.
    const behindHere = behind.filter((key) => actings.has(key)); // the mark may be too
    const again =
      behindHere.length > 0
        ? await this.take(
            work.filter(({ key }) => isBehind.has(key)),
            options,
          )
        : [];
    return [...failures, ...again, ...(await failuresOfRefused(work, refused, (one) => this.take(one, options)))];
  }

  /** @param passed what events up to this position led to has left */
  private begin(stored: StoredDocument | undefined, passed: bigint | undefined): Acting {
    const body = stored?.body as unknown as InstanceDocument | undefined;
    const version = stored?.version ?? -1n;
    // Where it was moved out of turn, its version is no place in the log, and says nothing of what has left.
    const hasLeft = body?.at === undefined && passed !== undefined && version <= passed;
    return {
      version,
      at: body?.at === undefined ? version : BigInt(body.at),
      took: { ...body?.took },
      state: body,
      outbox: body && !hasLeft ? this.staying(body.outbox) : [],
      headers: body?.headers ?? {},
      movedAt: body?.movedAt,
      changed: false,
      isRepeat: false,
      hasEnded: stored !== undefined && !body,
    };
  }

  private act(
    acting: Acting,
    key: string,
    event: RecordedEvent,
    { late, missed, fence }: Omit<TakeOptions, 'signal'>,
  ): void {
    if (acting.failed || acting.hasEnded) return;
    const { position, type } = event;
    const isPast = position <= acting.at;
    const isMissed = isPast && missed !== undefined && position > BigInt(acting.took[type] ?? -1);
    if (isPast && !isMissed) {
      acting.isRepeat = true;
      if (late && position < acting.at) acting.failed = { event, error: new GonePast(key, event, acting.at) };
      return;
    }
    for (let attempt = 1; ; attempt++) {
      try {
        const [, own] = ofItsOwn(event); // a method that throws is tried again, on what was recorded
        const step = this.definition.step(acting.state, own);
        if (!step) return;
        acting.outbox.push(...outgoing(this.definition.name, key, event, step.commands, this.handOn));
        acting.state = step.state;
        acting.took[type] = position.toString();
        if (!isPast) acting.at = position;
        acting.version = largest(acting.version + 1n, isMissed ? missed : position, fence ?? 0n);
        acting.headers = handedOn(event, this.handOn);
        acting.movedAt = event.recordedAt.toISOString();
        acting.changed = true;
        return;
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        acting.failed = { event, error };
        return;
      }
    }
  }

  /** Those of the commands that may not have left yet. */
  private staying(outbox: readonly OutgoingCommand[]): OutgoingCommand[] {
    return outbox.filter(({ id }) => !this.left?.has(id));
  }

  private async dispatch(commands: readonly OutgoingCommand[]): Promise<void> {
    await dispatch(this.store, commands);
    if (commands.length > 0) this.left ??= new LRUCache({ max: 10_000 });
    for (const { id } of commands) this.left!.set(id, true);
  }
}

function largest(...numbers: readonly bigint[]): bigint {
  return numbers.reduce((one, other) => (one > other ? one : other));
}

function toStore(key: string, { version, at, took, state, outbox, headers, movedAt }: Acting): StoredDocument {
  const { fields, deadlines, completed } = state!;
  const due = Object.values(deadlines);
  const body: InstanceDocument = {
    fields,
    deadlines,
    completed,
    outbox,
    dueAt: due.length > 0 ? Math.min(...due) : null,
    headers,
    took,
    ...(at !== version && { at: at.toString() }),
    ...(movedAt !== undefined && { movedAt }),
  };
  return { key, version, body: body as unknown as JsonObject };
}
