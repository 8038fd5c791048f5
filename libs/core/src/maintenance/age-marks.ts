import type { JsonObject } from '../events/json.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';

const KEY = 'marks';
/** A new mark is made when the last one is older than this part of the least age. */
const PARTS = 8;

interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Where readers' checkpoints were then, as decimal numbers. */
  readonly positions: Readonly<Record<string, string>>;
}

interface Kept {
  readonly marks: readonly Mark[];
  /** Collections that nothing tells of, and since when that is known. */
  readonly orphans: Readonly<Record<string, number>>;
}

/**
 * Where every reader was some time ago. What documents know of their age is a position; these marks, made whenever
 * maintenance looks, tell which positions are old.
 */
export class AgeMarks {
  private constructor(
    private readonly collection: DocumentCollection,
    private version: bigint,
    private kept: Kept,
    private readonly now: () => Date,
    private readonly ageMs: number,
  ) {}

  static async open(documents: DocumentStore, now: () => Date, ageMs: number): Promise<AgeMarks> {
    const collection = await documents.collection('gesta.maintenance');
    const stored = (await collection.get([KEY])).get(KEY);
    const { marks = [], orphans = {} } = (stored?.body as Partial<Kept> | undefined) ?? {};
    return new AgeMarks(collection, stored?.version ?? 0n, { marks, orphans }, now, ageMs);
  }

  /** Where the reader's checkpoint was at least so long ago; `undefined` where nobody looked then. */
  positionOf(reader: string): bigint | undefined {
    const position = this.oldEnough()?.positions[reader];
    return position === undefined ? undefined : BigInt(position);
  }

  isOldOrphan(collection: string): boolean {
    const since = this.kept.orphans[collection];
    return since !== undefined && since <= this.before;
  }

  async add(positions: ReadonlyMap<string, bigint>): Promise<void> {
    const at = this.now().getTime();
    const { marks } = this.kept;
    const last = marks.at(-1);
    if (last && at >= last.at && at - last.at < this.ageMs / PARTS) return;
    const named = Object.fromEntries([...positions].map(([reader, position]) => [reader, position.toString()]));
    const oldest = this.oldEnough();
    const kept = marks.filter((mark) => mark.at <= at && (mark === oldest || mark.at > this.before));
    await this.keep({ ...this.kept, marks: [...kept, { at, positions: named }] });
  }

  async keepOrphans(names: readonly string[]): Promise<void> {
    const at = this.now().getTime();
    const orphans = Object.fromEntries(names.map((name) => [name, this.kept.orphans[name] ?? at]));
    if (JSON.stringify(orphans) !== JSON.stringify(this.kept.orphans)) await this.keep({ ...this.kept, orphans });
  }

  private get before(): number {
    return this.now().getTime() - this.ageMs;
  }

  private oldEnough(): Mark | undefined {
    return this.kept.marks.findLast(({ at }) => at <= this.before);
  }

  /** Where another one was first, its marks are as good. */
  private async keep(kept: Kept): Promise<void> {
    const body = kept as unknown as JsonObject;
    await this.collection.put([{ key: KEY, version: ++this.version, body }]);
    this.kept = kept;
  }
}
