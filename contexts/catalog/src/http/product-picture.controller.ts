import type { CommandResult } from '@gesta/core';
import { Idempotent, InvalidRequest } from '@gesta/nestjs';
import { Body, Controller, NotFoundException, Param, Put, UnsupportedMediaTypeException } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiConsumes,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiTags,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { Picture } from '../contract/picture.js';
import { ShowPicture } from '../domain/product-commands.js';
import { ProductNotFound } from '../domain/product-errors.js';
import { ObjectStorage } from '../pictures/object-storage.js';
import { NoPicture, pictureIn } from '../pictures/picture.js';
import { mediaTypeOf } from '../pictures/media-type.js';
import { PICTURE_BODIES } from './picture-bodies.js';
import { ProductParams } from './product-requests.js';
import { PictureReceipt } from './product-views.js';

@ApiTags('catalog')
@Controller('api/catalog/products')
export class ProductPictureController {
  constructor(
    private readonly commands: CommandBus,
    private readonly storage: ObjectStorage,
  ) {}

  @Put(':sku/picture')
  @Idempotent()
  @ApiOperation({
    summary: 'Gives a product a picture',
    description: 'In the place of the one it has. What it is counts, not what its Content-Type says.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'A repeat under the same key has no effect' })
  @ApiConsumes(...PICTURE_BODIES.types)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOkResponse({ type: PictureReceipt })
  @ApiBadRequestResponse({ description: 'A broken picture, or one with sides that are too long' })
  @ApiNotFoundResponse({ description: 'Nothing was ever listed under this sku' })
  @ApiConflictResponse({ description: 'ProductNotListed' })
  @ApiPayloadTooLargeResponse({ description: 'More bytes than a picture may have' })
  @ApiUnsupportedMediaTypeResponse({ description: 'Neither PNG, JPEG nor WebP' })
  async show(@Param() { sku }: ProductParams, @Body() bytes?: Buffer): Promise<PictureReceipt> {
    const picture = checked(bytes);
    // The bytes first: an event names no picture that is not there. Where the command is refused they lie there unnamed.
    await this.storage.put(picture.name, bytes!, mediaTypeOf(picture.name));
    try {
      const command = new ShowPicture({ sku, picture });
      const { position } = await this.commands.execute<ShowPicture, CommandResult>(command);
      return { sku, position: position.toString(), picture: picture.name };
    } catch (error) {
      if (error instanceof ProductNotFound) throw new NotFoundException(error.message);
      throw error;
    }
  }
}

function checked(bytes: unknown): Picture {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    throw new InvalidRequest([{ field: 'picture', rules: ['picture must be the body of the request'] }]);
  }
  try {
    return pictureIn(bytes);
  } catch (error) {
    if (!(error instanceof NoPicture)) throw error;
    if (error.isOtherType) throw new UnsupportedMediaTypeException(error.message);
    throw new InvalidRequest([{ field: 'picture', rules: [error.message] }]);
  }
}
