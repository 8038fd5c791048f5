import { complete, deadline, event, send } from '@gesta/core';
import { due, given, on, refused } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import { SeatTaken } from './course-events.js';
import { SeatForSignup } from './seat-for-signup.process.js';
import { AskForPayment, DropSignup, FreeSeat, TakeSeat } from './sent-commands.js';
import { SignedUp, SignupDropped, SignupPaid } from './signup-events.js';

describe('a seat for a signup', () => {
  const take = send(TakeSeat, { courseId: 'latin', signupId: '7' });
  const signedUp = on('courses.signup-7', event(SignedUp, { courseId: 'latin' }));
  const seated = on('courses.course-latin', event(SeatTaken, { signupId: '7' }));

  it('is asked for', () => {
    given(SeatForSignup).when(signedUp).then(take);
  });

  it('is to be paid within two days', () => {
    given(SeatForSignup, signedUp)
      .when(seated)
      .then(send(AskForPayment, { signupId: '7' }), deadline('payment', { days: 2 }))
      .thenState({ hasSeat: true });
  });

  it('ends the signup when there is none', () => {
    given(SeatForSignup, signedUp)
      .when(refused(take, { name: 'CourseFull', message: 'latin is full' }))
      .then(send(DropSignup, { signupId: '7', reason: 'latin is full' }));
  });

  it('is given back when it is not paid in time', () => {
    const drop = send(DropSignup, { signupId: '7', reason: 'It was not paid within two days' });
    given(SeatForSignup, signedUp, seated).when(due('payment')).then(drop);
    given(SeatForSignup, signedUp, seated, due('payment'))
      .when(on('courses.signup-7', event(SignupDropped, { reason: 'It was not paid within two days' })))
      .then(send(FreeSeat, { courseId: 'latin', signupId: '7' }), complete());
  });

  it('is kept when it is paid', () => {
    given(SeatForSignup, signedUp, seated)
      .when(on('courses.signup-7', event(SignupPaid, {})))
      .then(complete());
  });
});
