import { categoryOf, type JsonObject, type ProjectionDefinition, type RecordedEvent } from '@gesta/core';
import { onAnotherDay } from './another-day.js';
import { asJson } from './as-json.js';
import { inWords, leavingAlone } from './changes.js';
import { asRecorded, placed, type Happening, type Placed } from './happenings.js';
import { defaultStream, Recording } from './recording.js';
import { chapter, differenceBetween, refuseAwaiting, ScenarioFailed, told, type Story } from './scenario-failed.js';
import { inShort, lineOf, named } from './telling.js';

/** A projection with the documents that earlier events led to. */
export interface GivenProjection {
  /**
   * The projection folds events. Where no `on` puts an event on a stream, it is on the one named after the first part of
   * its name (or the first of the projection's categories) with the id `1`: `ordering.order-placed` on `ordering-1`.
   * @throws {ScenarioFailed} when the projection would never be given one of them, when a fold throws, when it changes
   * the event or the document before, or when folding once more, on another day, gives another document
   */
  when(...happenings: Happening[]): DocumentsOutcome;
}

/** The documents after a scenario's last events. */
export interface DocumentsOutcome {
  /**
   * Exactly these documents, by key, are what the events of `when` led to; compared as JSON. `undefined` for a document
   * that is not there, any more or at all. What the events left alone is not named.
   */
  then(expected: Readonly<Record<string, object | undefined>>): void;
}

export class ProjectionScenario implements GivenProjection {
  constructor(
    private readonly name: string,
    private readonly definition: ProjectionDefinition,
    private readonly history: readonly Happening[],
  ) {}

  when(...happenings: Happening[]): DocumentsOutcome {
    const documents = new Map<string, JsonObject>();
    const recording = new Recording();
    const take = (each: Placed) => this.take(each, recording, documents);
    const given = placed(this.history);
    given.forEach(take);
    const before = new Map(documents);
    const when = placed(happenings);
    const touched = new Set<string>();
    for (const each of when) {
      const keys = take(each);
      if (!keys) throw new ScenarioFailed(`${this.name} is never given ${lineOf(each)}; ${this.whatItReads()}`);
      for (const key of keys) touched.add(key);
    }
    return new Outcome(this.name, { given: given.map(lineOf), when: when.map(lineOf) }, before, documents, touched);
  }

  /** The keys of the documents that the event was folded into; `undefined` when the projection does not read it. */
  private take(each: Placed, recording: Recording, documents: Map<string, JsonObject>): readonly string[] | undefined {
    const { definition, name } = this;
    const { filter } = definition;
    const stated = asRecorded(each.happening);
    if (!stated) throw new ScenarioFailed(`${name} is a projection: refusals and deadlines are for process managers`);
    const streamId =
      each.streamId ?? ('categories' in filter ? `${filter.categories[0]}-1` : defaultStream(stated.type));
    const recorded = recording.record({ ...stated, streamId, recordedAt: each.recordedAt, headers: each.headers });
    const isRead =
      'types' in filter ? filter.types.includes(stated.type) : filter.categories.includes(categoryOf(streamId));
    if (!isRead) return undefined;
    const event = definition.registry.lift(recorded);
    const keys = this.leavingAlone(event, undefined, () => definition.keysOf(event));
    for (const key of keys) {
      const after = this.foldTwice(event, documents.get(key), key);
      if (after) documents.set(key, after);
      else documents.delete(key);
    }
    return keys;
  }

  private foldTwice(event: RecordedEvent, before: JsonObject | undefined, key: string): JsonObject | undefined {
    const fold = () => {
      const after = this.leavingAlone(event, before, () => this.definition.fold(event, before, key));
      return after && asJson(after);
    };
    const once = fold();
    const again = onAnotherDay(fold);
    const difference = differenceBetween(once, again, 'Folded again');
    if (difference === undefined) return once;
    throw new ScenarioFailed(
      `${this.name} folds ${event.type} differently on another day; a fold knows neither the clock nor chance\n\n${difference}`,
    );
  }

  private leavingAlone<T>(event: RecordedEvent, before: JsonObject | undefined, work: () => T): T {
    const attempt = () => {
      try {
        return work();
      } catch (cause) {
        throw new ScenarioFailed(`${this.name} failed on ${named(event)}: ${inShort(cause)}`, { cause });
      }
    };
    return leavingAlone(
      { event, before },
      attempt,
      (change) =>
        new ScenarioFailed(
          `${this.name} changed ${inWords(change)} while it folded ${event.type}; a fold returns a new document and leaves the event and the document before as they are`,
        ),
    );
  }

  private whatItReads(): string {
    const { filter } = this.definition;
    return 'types' in filter
      ? `it projects ${filter.types.join(', ')}`
      : `it reads the categories ${filter.categories.join(', ')}`;
  }
}

class Outcome implements DocumentsOutcome {
  constructor(
    private readonly projection: string,
    private readonly story: Story,
    private readonly before: ReadonlyMap<string, JsonObject>,
    private readonly documents: ReadonlyMap<string, JsonObject>,
    private readonly touched: ReadonlySet<string>,
  ) {}

  // oxlint-disable-next-line unicorn/no-thenable -- given, when, then; awaiting it is refused with an explanation
  then(expected: Readonly<Record<string, object | undefined>>): void {
    refuseAwaiting([expected]);
    const wanted: Record<string, object | undefined> = {};
    const actual: Record<string, object | undefined> = {};
    for (const [key, document] of Object.entries(expected)) {
      wanted[key] = document && asJson(document);
      // A document that the events left alone is none that they led to; but that there is none can be said of any key.
      if (document === undefined) actual[key] = this.documents.get(key);
    }
    for (const key of this.touched) {
      const document = this.documents.get(key);
      if (document ?? this.before.get(key) ?? key in expected) actual[key] = document;
    }
    const difference = differenceBetween(wanted, actual, 'Folded');
    if (difference === undefined) return;
    const alone = Object.keys(expected).filter((key) => !this.touched.has(key) && this.documents.has(key));
    const hint = alone.length > 0 ? [chapter('There, but left alone by these events', alone)] : [];
    throw new ScenarioFailed(told(`${this.projection} folded otherwise`, this.story, difference, ...hint));
  }
}
