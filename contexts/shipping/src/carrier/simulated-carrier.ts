import { DomainError, type ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordTracking } from '../domain/parcel-commands.js';
import { ParcelsUnderWay, type ParcelUnderWay } from '../read-models/parcels-under-way.projection.js';
import { Carrier } from './carrier.js';
import { simulatedFate } from './simulated-fate.js';
import { SIMULATED } from './simulated-times.js';

/** How often the vans are looked after, in milliseconds, and how many parcels each time. */
const ROUND_MS = 250;
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
  private round: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    @InjectReadModel(ParcelsUnderWay) private readonly underWay: ReadModel<ParcelUnderWay>,
    private readonly commands: CommandBus,
  ) {
    super();
  }

  override async take(): Promise<void> {}

  override async fetchBack(): Promise<void> {}

  onApplicationBootstrap(): void {
    this.next();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private next(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.round = this.lookAfterAll()
        .catch((error: Error) => this.log.warn(`The simulated carrier tells later what it has: ${error.message}`))
        .then(() => this.next());
    }, ROUND_MS);
    this.timer.unref();
  }

  private async lookAfterAll(): Promise<void> {
    const now = Date.now();
    const due = { since: { $lte: now - SIMULATED.transitMs } };
    const parcels = await this.underWay.find(due, { sort: { since: 1 }, limit: PARCELS_A_ROUND });
    for (const parcel of parcels) {
      const { orderId, parcelId } = parcel;
      for (const tracked of simulatedFate(parcel, SIMULATED, now)) {
        if (this.isClosed) return;
        try {
          await this.commands.execute(new RecordTracking({ orderId, parcelId, tracked }));
        } catch (error) {
          if (!(error instanceof DomainError)) throw error; // what was refused is no news
        }
      }
    }
  }
}
