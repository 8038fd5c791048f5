import { describe, it } from '@jest/globals';
import { cancelDeadline, complete, deadline, event, send } from '@gesta/core';
import { due, given, refused } from '@gesta/testing';
import { AskAgain, GiveUpAuthorisation } from '../domain/provider-commands.js';
import { OutcomeUnknown } from '../domain/provider-events.js';
import { LONGEST_PAUSE_S, TIME_TO_AUTHORISE, TIME_TO_SETTLE, UnknownOutcomes } from './unknown-outcomes.process.js';

const unknown = (request: string, attempt: number) =>
  event(OutcomeUnknown, { orderId: 'a', request, key: 'key-1', attempt });
const again = (request: string, attempt: number, fields: object = {}) =>
  send(AskAgain, { orderId: 'a', request, key: 'key-1', attempt, ...fields });

describe('UnknownOutcomes', () => {
  it('gives an authorisation ten minutes, and everything else five hours', () => {
    given(UnknownOutcomes)
      .when(unknown('authorise', 1))
      .then(deadline('pause', { seconds: 1 }), deadline('time is up', TIME_TO_AUTHORISE));
    given(UnknownOutcomes)
      .when(unknown('refund-r', 1))
      .then(deadline('pause', { seconds: 1 }), deadline('time is up', TIME_TO_SETTLE));
  });

  it('has the same asked again, under the same key', () => {
    given(UnknownOutcomes, unknown('authorise', 1)).when(due('pause', 'a/authorise')).then(again('authorise', 2));
  });

  it('pauses for twice as long each time, up to five minutes', () => {
    const past = [unknown('capture', 1), due('pause', 'a/capture')];
    given(UnknownOutcomes, ...past)
      .when(unknown('capture', 2))
      .then(deadline('pause', { seconds: 2 }));
    given(UnknownOutcomes, ...past)
      .when(unknown('capture', 20))
      .then(deadline('pause', { seconds: LONGEST_PAUSE_S }));
  });

  it('is done once the provider has answered', () => {
    const past = [unknown('authorise', 1), due('pause', 'a/authorise')];
    given(UnknownOutcomes, ...past)
      .when(refused(again('authorise', 2), { name: 'AnswerKnown', message: 'The provider has answered' }))
      .then(complete());
  });

  it('gives an authorisation up when its time is up', () => {
    given(UnknownOutcomes, unknown('authorise', 1))
      .when(due('time is up', 'a/authorise'))
      .then(send(GiveUpAuthorisation, { orderId: 'a', key: 'key-1' }), cancelDeadline('pause'), complete());
  });

  it('has anything else asked for the last time', () => {
    given(UnknownOutcomes, unknown('capture', 7))
      .when(due('time is up', 'a/capture'))
      .then(again('capture', 8, { last: true }), cancelDeadline('pause'), complete());
  });

  it('keeps what one order asks for apart', () => {
    given(UnknownOutcomes, unknown('refund-r', 1), unknown('refund-s', 1))
      .when(due('pause', 'a/refund-s'))
      .then(again('refund-s', 2));
  });
});
