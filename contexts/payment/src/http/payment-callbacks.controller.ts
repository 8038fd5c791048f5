import type { IncomingMessage } from 'node:http';
import { DomainError, StoreUnavailable, ValidationFailed } from '@gesta/core';
import {
  Controller,
  HttpCode,
  Inject,
  Logger,
  NotFoundException,
  Param,
  Post,
  Req,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { PaymentCallbacks } from '../callbacks/payment-callbacks.js';
import { BadCallback, PAYMENT_PROVIDER, type PaymentProvider } from '../provider/payment-provider.js';
import { PAYMENT_PROVIDERS } from '../provider/payment-settings.js';

class CallbackReceipt {
  @ApiProperty({ description: 'Whether it was about a payment', example: true })
  readonly taken!: boolean;
}

/** How long a provider may take to say whether a callback is its own, in milliseconds. */
const TIME_TO_VERIFY_MS = 10_000;

@ApiTags('payment')
@Controller('api/payment/callbacks')
export class PaymentCallbacksController {
  private readonly logger = new Logger(PaymentCallbacksController.name);

  constructor(
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly callbacks: PaymentCallbacks,
  ) {}

  @Post(':provider')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Takes what the payment provider calls back',
    description: 'Signed by the provider in its own way. A repeat has no effect, and neither has one that comes late.',
  })
  @ApiBody({ schema: { type: 'object', description: "In the provider's form" } })
  @ApiOkResponse({ type: CallbackReceipt })
  @ApiBadRequestResponse({ description: 'It is signed, and says what cannot be' })
  @ApiUnauthorizedResponse({ description: 'It is not signed by the provider, or too old; nothing was recorded' })
  @ApiNotFoundResponse({ description: 'That provider is not in use' })
  @ApiServiceUnavailableResponse({ description: 'It cannot be verified or recorded now: send it again' })
  async callback(
    @Param('provider') name: string,
    @Req() request: IncomingMessage & { rawBody?: Buffer },
  ): Promise<CallbackReceipt> {
    if (name !== this.provider.name) {
      const known = PAYMENT_PROVIDERS.find((provider) => provider === name);
      throw new NotFoundException(
        known ? `The payment provider '${known}' is not in use` : `There is no such payment provider`,
      );
    }
    const { headers, rawBody: body = Buffer.alloc(0) } = request;
    const signal = AbortSignal.timeout(TIME_TO_VERIFY_MS);
    try {
      return { taken: await this.callbacks.take(this.provider, { body, headers, now: new Date(), signal }) };
    } catch (error) {
      if (error instanceof BadCallback) throw new UnauthorizedException(error.message);
      if ([DomainError, StoreUnavailable, ValidationFailed].some((foreseen) => error instanceof foreseen)) throw error;
      this.logger.warn(`A callback of ${name} could not be taken: ${error instanceof Error ? error.name : 'unknown'}`);
      throw new ServiceUnavailableException('The callback cannot be taken now; send it again');
    }
  }
}
