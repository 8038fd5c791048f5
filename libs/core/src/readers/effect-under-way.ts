/** An effect that has not ended yet. */
export interface EffectUnderWay {
  readonly key: string;
  readonly position: bigint;
  readonly forMs: number;
  /** Whether only its key waits for it, and the reader goes on. */
  readonly othersGoOn: boolean;
}
