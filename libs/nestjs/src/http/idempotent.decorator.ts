import { UseInterceptors } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

/**
 * Lets clients repeat the request without repeating its effect: with a header `Idempotency-Key`, the first answer is
 * given again to every repeat, with `Idempotency-Replayed: true`. Without the header nothing changes.
 *
 * ```ts
 * @Post()
 * @Idempotent()
 * place(@Body() request: PlaceOrderRequest, @CommandId() orderId: string) { … }
 * ```
 *
 * The handler answers with a JSON value or nothing. Answers that succeeded and refusals by the domain (409) are kept, for
 * 100,000 later requests at least. After anything else the request is carried out anew, under the same command id, by
 * which aggregates recognise what they did already; so it is after its record has ended. The same key with another body
 * is a 422, also after a refusal; it is processed where the first came to nothing, such as a 400 for a broken rule.
 *
 * One process carries a request out at a time. A repeat waits for its answer, up to 15 seconds, and is then a 409 with
 * `Retry-After`. Where a process stands still for 10 seconds, the next one carries its request out: aggregates come to one
 * outcome all the same; what else the handler does may be done twice then.
 *
 * Keys belong to `request.user` (its `id`, `sub` or `userId`), where there is one.
 */
export function Idempotent(): ClassDecorator & MethodDecorator {
  return UseInterceptors(IdempotencyInterceptor);
}
