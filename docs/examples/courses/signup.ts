import { Aggregate, Apply, DomainError, event, Handle } from '@gesta/core';
import { PaySignup, SignUp } from './commands.js';
import { AskForPayment, DropSignup } from './sent-commands.js';
import { PaymentAsked, SignedUp, SignupDropped, SignupPaid } from './signup-events.js';

export class SignupNotOpen extends DomainError {}

@Aggregate({ category: 'courses.signup', id: 'signupId' })
export class Signup {
  private status: 'none' | 'open' | 'payable' | 'paid' | 'dropped' = 'none';

  @Apply(SignedUp)
  signedUp() {
    this.status = 'open';
  }

  @Apply(PaymentAsked)
  paymentAsked() {
    this.status = 'payable';
  }

  @Apply(SignupPaid)
  paid() {
    this.status = 'paid';
  }

  @Apply(SignupDropped)
  dropped() {
    this.status = 'dropped';
  }

  @Handle(SignUp)
  signUp({ signupId, courseId }: SignUp) {
    if (this.status !== 'none') throw new SignupNotOpen(`Signup ${signupId} was made before`);
    return event(SignedUp, { courseId });
  }

  @Handle(AskForPayment)
  askForPayment({ signupId }: AskForPayment) {
    this.refuseUnless(signupId, 'open');
    return event(PaymentAsked, {});
  }

  @Handle(PaySignup)
  pay({ signupId }: PaySignup) {
    this.refuseUnless(signupId, 'payable');
    return event(SignupPaid, {});
  }

  @Handle(DropSignup)
  drop({ signupId, reason }: DropSignup) {
    this.refuseUnless(signupId, 'open', 'payable');
    return event(SignupDropped, { reason });
  }

  private refuseUnless(signupId: string, ...statuses: string[]) {
    if (!statuses.includes(this.status)) throw new SignupNotOpen(`Signup ${signupId} is ${this.status}`);
  }
}
