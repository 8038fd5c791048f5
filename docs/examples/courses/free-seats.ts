import { Project, Projection } from '@gesta/core';
import { CourseOffered, SeatFreed, SeatTaken } from './course-events.js';

export interface CourseSeats {
  readonly free: number;
}

@Projection({ name: 'free-seats', version: 1 })
export class FreeSeats {
  @Project(CourseOffered)
  offered({ seats }: CourseOffered): CourseSeats {
    return { free: seats };
  }

  @Project(SeatTaken)
  taken(_: SeatTaken, before?: CourseSeats) {
    return before && { free: before.free - 1 };
  }

  @Project(SeatFreed)
  freed(_: SeatFreed, before?: CourseSeats) {
    return before && { free: before.free + 1 };
  }
}
