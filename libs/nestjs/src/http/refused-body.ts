import { HttpException } from '@nestjs/common';

/** A body that was refused before anybody looked at what is in it. */
export class RefusedBody extends HttpException {
  /**
   * @param rule the rule that it breaks, by the name of the option where there is one
   * @param limit what the rule allows
   */
  constructor(
    status: 400 | 413 | 415,
    reason: string,
    readonly rule: string,
    readonly limit?: number | readonly string[],
  ) {
    super(reason, status);
  }
}
