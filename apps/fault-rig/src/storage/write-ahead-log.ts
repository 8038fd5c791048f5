/** A frame of the log: one page, as one transaction has left it. */
export interface Frame {
  /** Where it ends in the file, in bytes. */
  readonly end: number;
  /** Whether it is the last one of its transaction. */
  readonly commits: boolean;
}

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;

/** SQLite's write-ahead log, as https://sqlite.org/fileformat2.html#walformat describes it. Reads, and changes nothing. */
export class WriteAheadLog {
  readonly pageSize: number;
  /** The frames that count: from the first one up to where salt or checksum are not theirs any more. */
  readonly frames: readonly Frame[];
  /** The checksum behind the last frame that counts. */
  readonly checksum: readonly [number, number];

  private readonly bigEndian: boolean;

  constructor(private readonly bytes: Buffer) {
    const magic = bytes.length < HEADER ? 0 : bytes.readUInt32BE(0);
    this.bigEndian = magic === MAGIC + 1;
    this.pageSize = bytes.length < HEADER ? 0 : bytes.readUInt32BE(8);
    this.checksum = [0, 0];
    this.frames = [];
    if (magic !== MAGIC && !this.bigEndian) return;
    const header = this.sum(bytes.subarray(0, 24), [0, 0]);
    if (header[0] !== bytes.readUInt32BE(24) || header[1] !== bytes.readUInt32BE(28)) return;
    [this.frames, this.checksum] = this.read(header);
  }

  /** The header of a frame that would be taken for the next one. */
  nextHeader(page: number, pagesAfterwards: number, content: Buffer): Buffer {
    const header = Buffer.alloc(FRAME_HEADER);
    header.writeUInt32BE(page, 0);
    header.writeUInt32BE(pagesAfterwards, 4);
    this.bytes.copy(header, 8, 16, 24); // the salts
    const [first, second] = this.sum(content, this.sum(header.subarray(0, 8), this.checksum));
    header.writeUInt32BE(first, 16);
    header.writeUInt32BE(second, 20);
    return header;
  }

  private read(header: readonly [number, number]): [Frame[], readonly [number, number]] {
    const { bytes, pageSize } = this;
    const frames: Frame[] = [];
    let checksum = header;
    for (let at = HEADER; at + FRAME_HEADER + pageSize <= bytes.length; at += FRAME_HEADER + pageSize) {
      if (bytes.compare(bytes, 16, 24, at + 8, at + 16) !== 0) break; // of an earlier round
      const content = bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + pageSize);
      const next = this.sum(content, this.sum(bytes.subarray(at, at + 8), checksum));
      if (next[0] !== bytes.readUInt32BE(at + 16) || next[1] !== bytes.readUInt32BE(at + 20)) break;
      checksum = next;
      frames.push({ end: at + FRAME_HEADER + pageSize, commits: bytes.readUInt32BE(at + 4) !== 0 });
    }
    return [frames, checksum];
  }

  private sum(bytes: Buffer, before: readonly [number, number]): [number, number] {
    let [first, second] = before;
    for (let at = 0; at < bytes.length; at += 8) {
      const one = this.bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
      const other = this.bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
      first = (first + one + second) >>> 0;
      second = (second + other + first) >>> 0;
    }
    return [first, second];
  }
}
