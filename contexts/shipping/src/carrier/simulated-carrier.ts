import { DomainError, type ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordTracking } from '../domain/parcel-commands.js';
import { ParcelsUnderWay, type ParcelUnderWay } from '../read-models/parcels-under-way.projection.js';
import { Carrier } from './carrier.js';
import { simulatedFate } from './simulated-fate.js';
import { SIMULATED } from './simulated-times.js';

/** How often the vans are looked after, in milliseconds: with something in them, and where another process may have filled them. */
const ROUND_MS = 250;
const EMPTY_ROUND_MS = 5_000;
/** How many parcels each time. */
const PARCELS_A_ROUND = 200;

/**
 * A carrier without vans. Which parcels it has, the read model knows, so it has no memory of its own to lose; where several
 * processes run one each, all of them tell the same, and repeats have no effect.
 */
@Injectable()
export class SimulatedCarrier extends Carrier implements OnApplicationBootstrap, OnApplicationShutdown {
  override readonly name = 'simulated';
  private readonly log = new Logger(SimulatedCarrier.name);
  private timer: NodeJS.Timeout | undefined;
  private nextAt = Infinity;
  private round: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    @InjectReadModel(ParcelsUnderWay) private readonly underWay: ReadModel<ParcelUnderWay>,
    private readonly commands: CommandBus,
  ) {
    super();
  }

  override async take(): Promise<void> {
    this.next(ROUND_MS);
  }

  override async fetchBack(): Promise<void> {
    this.next(ROUND_MS);
  }

  onApplicationBootstrap(): void {
    this.next(ROUND_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.round;
  }

  /** Goes round when the time is up, unless it does before that anyway. */
  private next(afterMs: number): void {
    const at = performance.now() + afterMs;
    if (this.isClosed || at >= this.nextAt) return;
    this.nextAt = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.nextAt = Infinity;
      this.round = Promise.resolve(this.round).then(() => this.goRound());
    }, afterMs);
    this.timer.unref();
  }

  private async goRound(): Promise<void> {
    let hasParcels = true;
    try {
      hasParcels = await this.lookAfterAll();
    } catch (error) {
      this.log.warn(`The simulated carrier tells later what it has: ${(error as Error).message}`);
    }
    this.next(hasParcels ? ROUND_MS : EMPTY_ROUND_MS);
  }

  /** @returns whether there are parcels under way */
  private async lookAfterAll(): Promise<boolean> {
    const now = Date.now();
    const due = { since: { $lte: now - SIMULATED.transitMs } };
    const parcels = await this.underWay.find(due, { sort: { since: 1 }, limit: PARCELS_A_ROUND });
    for (const parcel of parcels) {
      const { orderId, parcelId } = parcel;
      for (const tracked of simulatedFate(parcel, SIMULATED, now)) {
        if (this.isClosed) return false;
        try {
          await this.commands.execute(new RecordTracking({ orderId, parcelId, tracked }));
        } catch (error) {
          if (!(error instanceof DomainError)) throw error; // what was refused is no news
        }
      }
    }
    return parcels.length > 0 || (await this.underWay.find({}, { limit: 1 })).length > 0;
  }
}
