import type { ParcelLine } from '../contract/parcel-line.js';

/** A parcel as a carrier sees it. */
export interface CarriedParcel {
  readonly orderId: string;
  readonly parcelId: string;
  readonly lines: readonly ParcelLine[];
}

/**
 * Who brings parcels. What becomes of them is told later, by `RecordTracking`, in whatever order the carrier's systems please.
 * Both calls come at least once, with the same `idempotencyKey` each time.
 */
export abstract class Carrier {
  abstract readonly name: string;
  /** Takes a parcel to its customer. */
  abstract take(parcel: CarriedParcel, call: CarrierCall): Promise<void>;
  /** Brings parcels back, from the road or from the customer. */
  abstract fetchBack(orderId: string, parcelIds: readonly string[], call: CarrierCall): Promise<void>;
}

export interface CarrierCall {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}
