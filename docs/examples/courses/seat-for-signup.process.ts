import {
  complete,
  deadline,
  idOf,
  OnDeadline,
  OnRefused,
  ProcessManager,
  send,
  When,
  type EventMetadata,
  type Refusal,
} from '@gesta/core';
import { SeatTaken } from './course-events.js';
import { AskForPayment, DropSignup, FreeSeat, TakeSeat } from './sent-commands.js';
import { SignedUp, SignupDropped, SignupPaid } from './signup-events.js';

@ProcessManager({ name: 'seat-for-signup', startFrom: 'beginning' })
export class SeatForSignup {
  // The fields are the durable state of one instance: JSON values, with their first values here.
  private signupId = '';
  private courseId = '';
  private hasSeat = false;

  @When(SignedUp)
  begin({ courseId }: SignedUp, { streamId }: EventMetadata) {
    this.courseId = courseId;
    this.signupId = idOf(streamId);
    return send(TakeSeat, { courseId, signupId: this.signupId });
  }

  // This event is in the stream of the course: the second argument says which instance it is for.
  @When(SeatTaken, ({ signupId }) => signupId)
  seated() {
    this.hasSeat = true;
    return [send(AskForPayment, { signupId: this.signupId }), deadline('payment', { days: 2 })];
  }

  @OnRefused(TakeSeat)
  full({ signupId }: TakeSeat, { message }: Refusal) {
    return send(DropSignup, { signupId, reason: message });
  }

  @OnDeadline('payment')
  notPaid() {
    return send(DropSignup, { signupId: this.signupId, reason: 'It was not paid within two days' });
  }

  @When(SignupPaid)
  paid() {
    return complete();
  }

  @When(SignupDropped)
  dropped() {
    const { courseId, signupId, hasSeat } = this;
    return hasSeat ? [send(FreeSeat, { courseId, signupId }), complete()] : complete();
  }
}
