import { createHmac, timingSafeEqual } from 'node:crypto';
import { BadCallback, type Callback } from './payment-provider.js';

/** Compares in a time that does not tell how far they are alike. */
export function isSameText(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return timingSafeEqual(first!, second!);
}

/**
 * The value of a header that a callback must have.
 * @throws {BadCallback} when it is missing or there twice
 */
export function headerOf({ headers }: Pick<Callback, 'headers'>, name: string): string {
  const value = headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new BadCallback(`The callback has no header ${name}`);
}

/**
 * Checks a signature in Stripe's form, `t=<seconds>,v1=<hex>`: the HMAC with SHA-256 of the time, a dot and the body.
 * @param toleranceS how far the time may be from now, in seconds
 * @throws {BadCallback} when it is wrong or too old
 */
export function checkSignature(signature: string, secret: string, callback: Callback, toleranceS: number): void {
  const parts = signature.split(',').map((part) => part.split('=', 2) as [string, string | undefined]);
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const seconds = /^\d{1,12}$/.test(time) ? Number(time) : Number.NaN;
  const expected = signatureOf(secret, time, callback.body);
  const isSigned = parts.some(([name, value]) => name === 'v1' && isSameText(value ?? '', expected));
  if (!isSigned) throw new BadCallback('The signature of the callback is wrong');
  if (!(Math.abs(callback.now.getTime() / 1_000 - seconds) <= toleranceS)) {
    throw new BadCallback(`The callback was signed more than ${toleranceS} seconds from now`);
  }
}

/** A signature in that form. */
export function signed(secret: string, body: Buffer, at: Date): string {
  const time = String(Math.floor(at.getTime() / 1_000));
  return `t=${time},v1=${signatureOf(secret, time, body)}`;
}

function signatureOf(secret: string, time: string, body: Buffer): string {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
}

/**
 * The body of a callback.
 * @throws {BadCallback} when it is no JSON object
 */
export function parsed(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    // Told below.
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new BadCallback('The body of the callback is no JSON object');
}
