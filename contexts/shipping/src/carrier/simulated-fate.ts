import { createHash } from 'node:crypto';
import type { Tracked } from '../domain/parcel-commands.js';
import type { ParcelUnderWay } from '../read-models/parcels-under-way.projection.js';
import type { SimulatedTimes } from './simulated-times.js';

/**
 * What the simulated carrier tells of a parcel by now, in the order in which it tells it. It follows from the parcel and the time
 * alone, so that a carrier that was killed tells the same afterwards. As real ones do, it tells late, a third of it twice, and
 * of some parcels that they are lost after it has told that they were delivered, or the other way round.
 * @param now in milliseconds since 1970
 */
export function simulatedFate(parcel: ParcelUnderWay, times: SimulatedTimes, now: number): readonly Tracked[] {
  if (now - parcel.since < times.transitMs) return [];
  if (parcel.going === 'back') return ['returned'];
  const chance = (of: string) =>
    createHash('sha256').update(`${of} ${parcel.orderId}/${parcel.parcelId}`).digest()[0]! / 256;
  const end: Tracked = chance('lost') < times.lostParcels ? 'lost' : 'delivered';
  const other: Tracked = end === 'lost' ? 'delivered' : 'lost';
  return [end, ...(chance('twice') < 1 / 3 ? [end] : []), ...(chance('confused') < 0.05 ? [other] : [])];
}
