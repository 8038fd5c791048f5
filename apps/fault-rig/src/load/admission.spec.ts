import { expect, it } from '@jest/globals';
import { gate } from '../../../../libs/core/test/until.js';
import { Admission } from './admission.js';

it('A door that is closed is empty before anything begins, and lets in again who waited', async () => {
  const admission = new Admission();
  const happened: string[] = [];
  const leaves = gate();
  const inside = admission.during(async () => {
    await leaves.opened;
    happened.push('left');
  });
  const closed = admission.closedDuring(async () => void happened.push('closed'));
  const late = admission.during(async () => void happened.push('came in'));
  const closedAgain = admission.closedDuring(async () => void happened.push('closed again'));
  expect(admission.isOpen).toBe(false);
  leaves.open();
  await Promise.all([inside, closed, late, closedAgain]);
  expect(happened.slice(0, 2)).toEqual(['left', 'closed']);
  expect(happened.slice(2).sort()).toEqual(['came in', 'closed again']);
  expect(admission.isOpen).toBe(true);
});
