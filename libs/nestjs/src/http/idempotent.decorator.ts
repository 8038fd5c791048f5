import { UseInterceptors } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

/**
 * Lets clients repeat the request without repeating its effect: with a header `Idempotency-Key`, the first answer is
 * given again to every repeat within 24 hours, with `Idempotency-Replayed: true`. Without the header nothing changes.
 *
 * ```ts
 * @Post()
 * @Idempotent()
 * place(@Body() request: PlaceOrderRequest, @CommandId() orderId: string) { … }
 * ```
 *
 * The handler answers with a JSON value or nothing. Answers that succeeded and refusals by the domain (409) are kept. After anything else the request is carried out anew,
 * under the same command id, by which aggregates recognise what they did already. The same key with another body is a
 * 422. Keys belong to `request.user` (its `id`, `sub` or `userId`), where there is one.
 */
export function Idempotent(): ClassDecorator & MethodDecorator {
  return UseInterceptors(IdempotencyInterceptor);
}
