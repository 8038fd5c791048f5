import { Aggregate, Apply, DomainError, event, Handle } from '@gesta/core';
import { CourseOffered, SeatFreed, SeatTaken } from './course-events.js';
import { OfferCourse } from './commands.js';
import { FreeSeat, TakeSeat } from './sent-commands.js';

export class CourseFull extends DomainError {}

@Aggregate({ category: 'courses.course', id: 'courseId' })
export class Course {
  private seats = 0;
  private taken: string[] = [];

  @Apply(CourseOffered)
  offered({ seats }: CourseOffered) {
    this.seats = seats;
  }

  @Apply(SeatTaken)
  seatTaken({ signupId }: SeatTaken) {
    this.taken.push(signupId);
  }

  @Apply(SeatFreed)
  seatFreed({ signupId }: SeatFreed) {
    this.taken = this.taken.filter((taken) => taken !== signupId);
  }

  @Handle(OfferCourse)
  offer({ seats }: OfferCourse) {
    return event(CourseOffered, { seats });
  }

  @Handle(TakeSeat)
  takeSeat({ courseId, signupId }: TakeSeat) {
    if (this.taken.includes(signupId)) return [];
    if (this.taken.length >= this.seats) throw new CourseFull(`${courseId} is full`);
    return event(SeatTaken, { signupId });
  }

  @Handle(FreeSeat)
  freeSeat({ signupId }: FreeSeat) {
    return this.taken.includes(signupId) ? event(SeatFreed, { signupId }) : [];
  }
}
