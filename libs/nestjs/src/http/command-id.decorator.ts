import { randomUUID } from 'node:crypto';
import { currentMessage } from '@gesta/core';
import { createParamDecorator } from '@nestjs/common';

/**
 * A UUID for what the request asks for: with `@Idempotent()` and an `Idempotency-Key` it is made from the key and the
 * route, the same for every repeat; otherwise it is new. A good id for what a request creates.
 */
export const CommandId: () => ParameterDecorator = createParamDecorator(
  (_data: unknown): string => currentMessage()?.commandId ?? randomUUID(),
);
