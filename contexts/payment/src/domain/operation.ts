import { Matches } from 'class-validator';

/** What a provider can be asked to do. */
export const OPERATIONS = ['authorise', 'capture', 'void', 'refund'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What the names of requests look like: `authorise`, `capture`, `void-1`, `refund-<refundId>`. */
const REQUEST = /^(authorise|capture|void-\d{1,9}|refund-[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** The field names a request within its payment. */
export function IsRequestName(): PropertyDecorator {
  return Matches(REQUEST, { message: '$property must be authorise, capture, void-<number> or refund-<refundId>' });
}

/** What is asked for in the request of that name. */
export function operationOf(request: string): Operation {
  return OPERATIONS.find((operation) => request === operation || request.startsWith(`${operation}-`))!;
}
