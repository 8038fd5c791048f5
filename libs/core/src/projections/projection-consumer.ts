import type { EventRegistry } from '../events/event-registry.js';
import { copyOfJson, type JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { DocumentMark, MARK_KEY } from '../readers/document-mark.js';
import { DocumentsAtOnce } from '../readers/documents-at-once.js';
import type { EventConsumer, Failure, KeyedEvent } from '../readers/event-consumer.js';
import { GonePast } from '../readers/gone-past.js';
import { byKeyInPortions, type WorkByKey } from '../readers/by-key.js';
import { Pauses } from '../readers/pauses.js';
import { failuresOfRefused, putWhatIsTaken } from '../readers/refused-documents.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import type { EventFilter } from '../store/event-store.js';
import { AbsorbedDocuments } from './absorbed-documents.js';
import type { FoldedBy } from './fold-fingerprint.js';
import type { ProjectionDefinition } from './projection-definition.js';

/** How often a fold that throws is tried on the stored document before its key is parked. */
const ATTEMPTS = 3;

/** A document while a batch is folded into it. */
interface Folding {
  version: bigint;
  body: JsonObject | undefined;
  changed: boolean;
  failed?: { readonly event: RecordedEvent; readonly error: unknown };
}

/**
 * Folds batches into documents: loads the batch's documents in one query, or in several where they are large, folds in
 * memory and writes the last state of each, on the condition that its position moves forward. Events at or before a document's position were folded before.
 */
export class ProjectionConsumer implements EventConsumer {
  readonly registry: EventRegistry;
  readonly filter: EventFilter;
  readonly foldedBy: FoldedBy;

  private readonly atOnce = new DocumentsAtOnce();
  private readonly pauses = new Pauses();
  private readonly documentMark: DocumentMark;
  private absorbed: AbsorbedDocuments;

  /** @param ended drops the documents, which belong to nobody any more */
  constructor(
    private readonly definition: ProjectionDefinition,
    readonly documents: DocumentCollection,
    readonly ended?: () => Promise<void>,
  ) {
    this.documentMark = new DocumentMark(documents.name);
    this.absorbed = this.noneAbsorbed(false);
    this.registry = definition.registry;
    this.filter = definition.filter;
    this.foldedBy = definition.foldedBy;
  }

  opened(pristine: boolean, mark?: bigint): void {
    this.documentMark.opened(mark);
    this.absorbed = this.noneAbsorbed(pristine);
  }

  get mark(): bigint | undefined {
    return this.documentMark.version;
  }

  private noneAbsorbed(pristine: boolean): AbsorbedDocuments {
    const { definition, documents, documentMark, atOnce, pauses } = this;
    return new AbsorbedDocuments(definition, documents, documentMark, pristine, atOnce, pauses);
  }

  async absorb(work: readonly KeyedEvent[]): Promise<boolean> {
    try {
      await this.absorbed.fold(work);
      return true;
    } catch {
      // Whatever it was: it comes again where a failure is dealt with event by event.
      this.absorbed = this.noneAbsorbed(false);
      return false;
    }
  }

  get isFull(): boolean {
    return this.absorbed.isFull;
  }

  async settle(): Promise<void> {
    await this.absorbed.store();
    this.absorbed = this.noneAbsorbed(false);
  }

  keysOf(event: RecordedEvent): readonly string[] {
    return this.definition.keysOf(event);
  }

  async take(work: readonly KeyedEvent[], { late }: { late: boolean }): Promise<readonly Failure[]> {
    this.absorbed = this.noneAbsorbed(false); // what is absorbed after this goes on from what is stored here
    const failures: Failure[] = [];
    for (const some of byKeyInPortions(work, this.atOnce)) failures.push(...(await this.takeSome(some, late)));
    return failures;
  }

  private async takeSome({ work, byKey }: WorkByKey, late: boolean): Promise<readonly Failure[]> {
    const stored = await this.atOnce.get(this.documents, [...byKey.keys(), MARK_KEY]);
    this.documentMark.met(stored);
    const foldings = new Map<string, Folding>();
    for (const { key, event } of work) {
      let folding = foldings.get(key);
      if (!folding) foldings.set(key, (folding = begin(stored.get(key))));
      this.fold(folding, key, event, late);
      if (this.pauses.isDue) await this.pauses.take();
    }

    const failing = [...foldings].flatMap(([key, { failed }]) => (failed ? [key] : []));
    if (failing.length > 0) await this.foldAgain(failing, byKey, foldings, late);
    const failures: Failure[] = [];
    for (const key of failing) {
      const { failed } = foldings.get(key)!;
      if (failed) failures.push({ key, ...failed, attempts: ATTEMPTS });
    }

    const changed: StoredDocument[] = [];
    for (const [key, { changed: isChanged, version, body }] of foldings)
      if (isChanged) changed.push({ key, version, body });
    const marked = this.documentMark.with(changed, work.at(-1)?.event);
    const { refused } = await putWhatIsTaken(this.documents, marked);
    this.documentMark.isPut(marked);
    if (refused.size === 0) return failures;
    return [
      ...failures.filter(({ key }) => !refused.has(key)), // else an earlier event may be the one that fails
      ...(await failuresOfRefused(work, refused, (one) => this.take(one, { late }))),
    ];
  }

  private fold(folding: Folding, key: string, event: RecordedEvent, late: boolean): void {
    if (folding.failed) return;
    if (event.position <= folding.version) {
      if (late && event.position < folding.version)
        folding.failed = { event, error: new GonePast(key, event, folding.version) };
      return;
    }
    try {
      // A copy of its own: a document that holds a part of the event must not lend it to another, nor to another try.
      const after = this.definition.fold({ ...event, data: copyOfJson(event.data) }, folding.body, key);
      if (after === undefined && folding.body === undefined) return; // there was nothing, and there is nothing
      folding.body = after;
      folding.version = event.position;
      folding.changed = true;
    } catch (error) {
      folding.failed = { event, error };
    }
  }

  /**
   * From the stored documents, as a fold that threw may have changed those in memory. Of a key that fails every time, what
   * came before the event that does is folded, on a document that it has not touched.
   */
  private async foldAgain(
    failing: readonly string[],
    byKey: WorkByKey['byKey'],
    foldings: Map<string, Folding>,
    late: boolean,
  ): Promise<void> {
    let left = failing;
    for (let attempt = 2; left.length > 0; attempt++) {
      const isLast = attempt > ATTEMPTS;
      const stored = await this.documents.get(left);
      for (const key of left) {
        const folding = begin(stored.get(key));
        const { failed } = foldings.get(key)!;
        for (const { event } of byKey.get(key)!) {
          if (isLast && event === failed!.event) break;
          this.fold(folding, key, event, late);
        }
        if (isLast) folding.failed ??= failed!;
        foldings.set(key, folding);
        if (this.pauses.isDue) await this.pauses.take();
      }
      left = isLast ? [] : left.filter((key) => foldings.get(key)!.failed);
    }
  }
}

function begin(stored: StoredDocument | undefined): Folding {
  return { version: stored?.version ?? -1n, body: stored?.body, changed: false };
}
