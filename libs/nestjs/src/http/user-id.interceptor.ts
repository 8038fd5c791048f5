import { currentMessage, runInMessageContext } from '@gesta/core';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';

/** Says who asked, by what the application makes of a request: `({ user }) => user?.id`. */
export type UserIdOf = (request: never) => string | undefined;

/** Has events carry who asked for them. It comes after guards, which are what knows it. */
export class UserIdInterceptor implements NestInterceptor {
  constructor(private readonly userIdOf: UserIdOf) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const userId = context.getType() === 'http' ? this.userIdOf(context.switchToHttp().getRequest<never>()) : undefined;
    if (userId === undefined) return next.handle();
    if (typeof userId !== 'string' || userId === '') {
      throw new TypeError(`userId of configureHttp returns a text or nothing, not ${JSON.stringify(userId)}`);
    }
    const message = currentMessage();
    const known = { ...message, headers: { ...message?.headers, userId } };
    return new Observable((subscriber) => runInMessageContext(known, () => next.handle().subscribe(subscriber)));
  }
}
