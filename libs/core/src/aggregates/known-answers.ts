import type { RecordedEvent } from '../events/recorded-event.js';

/** How many of a stream's latest commands are remembered at least. */
export const ANSWER_WINDOW = 1_000;

const WORDS = 3;
/** Most aggregates in memory remember nothing: these are theirs until there is something. */
const NO_WORDS = new Uint32Array(0);
const NO_POSITIONS = new BigUint64Array(0);
const FIRST_ROOM = 8;

/**
 * Where the outcomes of a stream's latest commands are: of each a hash of its id, the revision and the position of its
 * last event, 20 bytes. What came of a command is read from the stream there; only a repeat needs it.
 */
export class KnownAnswers {
  /** Of each command two words of hash and one of revision, oldest first, from `first` on. */
  private words = NO_WORDS;
  private positions = NO_POSITIONS;
  private first = 0;
  private end = 0;
  private limit = ANSWER_WINDOW;
  /** Whether another event of the same command moves its place on. */
  private mayGoOn = true;
  /** Every command whose outcome is behind this position is remembered here. */
  completeAfter = 0n;

  get size(): number {
    return this.end - this.first;
  }

  /** The revision of the oldest outcome; `undefined` where there is none. */
  get oldestRevision(): number | undefined {
    return this.size === 0 ? undefined : this.words[this.first * WORDS + 2];
  }

  /** Where the command's outcome may be, the latest first: nearly always one place, or none. */
  placesOf(commandId: string): { readonly revision: number; readonly position: bigint }[] {
    const [high, low] = hashOf(commandId);
    const { words } = this;
    const places = [];
    for (let index = this.end - 1; index >= this.first; index--) {
      const at = index * WORDS;
      if (words[at] === high && words[at + 1] === low) {
        places.push({ revision: words[at + 2]!, position: this.positions[index]! });
      }
    }
    return places;
  }

  /** @param apart whether it is no event of a decision, but says what one came to: each of those has its own place */
  remember(
    commandId: string,
    { revision, position }: Pick<RecordedEvent, 'revision' | 'position'>,
    apart = false,
  ): void {
    this.mayGoOn &&= !apart;
    const [high, low] = hashOf(commandId);
    this.add(high, low, revision, position);
    this.mayGoOn = !apart;
    if (this.size > this.limit) this.completeAfter = this.positions[this.first++]!;
  }

  /**
   * Remembers what is further back too, and from now on twice as many commands as there are then, so that a long row of
   * commands is not looked for again and again.
   * @param older the outcomes before the oldest one, oldest first
   * @param completeAfter every outcome behind this position is among them, or was remembered before
   */
  reachBack(older: readonly Pick<RecordedEvent, 'commandId' | 'revision' | 'position'>[], completeAfter: bigint): void {
    const { words, positions, first, end } = this;
    this.words = NO_WORDS;
    this.positions = NO_POSITIONS;
    this.first = this.end = 0;
    for (const { commandId, revision, position } of older) {
      if (commandId !== undefined) this.add(...hashOf(commandId), revision, position);
    }
    for (let index = first; index < end; index++) {
      const at = index * WORDS;
      this.add(words[at]!, words[at + 1]!, words[at + 2]!, positions[index]!);
    }
    this.limit = Math.max(this.limit, 2 * this.size);
    this.completeAfter = completeAfter;
  }

  /** As text, for a saved state; without the positions, which a lookup does not need. */
  saved(): { readonly places: string; readonly completeAfter: string } {
    const from = Math.max(this.first, this.end - ANSWER_WINDOW);
    const completeAfter = from > this.first ? this.positions[from - 1]! : this.completeAfter;
    const { buffer, byteOffset } = this.words;
    const words = Buffer.from(buffer, byteOffset + from * WORDS * 4, (this.end - from) * WORDS * 4);
    return { places: words.toString('base64'), completeAfter: completeAfter.toString() };
  }

  /** @param position of the state that it was saved with: no outcome is behind that */
  static restored(saved: { places: string; completeAfter: string }, position: bigint): KnownAnswers {
    const answers = new KnownAnswers();
    const bytes = Buffer.from(saved.places, 'base64');
    for (let at = 0; at < bytes.length; at += WORDS * 4) {
      const [high, low, revision] = [0, 4, 8].map((word) => bytes.readUInt32LE(at + word));
      answers.add(high!, low!, revision!, position);
    }
    answers.completeAfter = BigInt(saved.completeAfter);
    return answers;
  }

  private add(high: number, low: number, revision: number, position: bigint): void {
    const last = (this.end - 1) * WORDS;
    // A command that led to several events is where its last one is.
    if (this.mayGoOn && this.size > 0 && this.words[last] === high && this.words[last + 1] === low) this.end--;
    if (this.end === this.positions.length) this.makeRoom();
    const at = this.end * WORDS;
    this.words[at] = high;
    this.words[at + 1] = low;
    this.words[at + 2] = revision;
    this.positions[this.end] = position;
    this.end++;
  }

  /** Moves what is remembered to the front, into more room where it fills more than half of it. */
  private makeRoom(): void {
    const { words, positions, first, end, size } = this;
    const room =
      size > positions.length / 2 ? Math.ceil(positions.length * 1.5) : Math.max(FIRST_ROOM, positions.length);
    this.words = new Uint32Array(room * WORDS);
    this.words.set(words.subarray(first * WORDS, end * WORDS));
    this.positions = new BigUint64Array(room);
    this.positions.set(positions.subarray(first, end));
    this.first = 0;
    this.end = size;
  }
}

/** Two words by which ids are told apart; what they find is compared with the id itself wherever it can be read. */
function hashOf(text: string): [high: number, low: number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}
