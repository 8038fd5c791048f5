import type { IncomingMessage } from 'node:http';
import { ParsePositionPipe, type PlatformResponse } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiFoundResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { PICTURE_NAME } from '../contract/picture.js';
import { mediaTypeOf } from '../pictures/media-type.js';
import { ObjectStorage } from '../pictures/object-storage.js';
import { GetProduct } from '../read-models/get-product.query.js';
import { ProductParams } from './product-requests.js';

const NOT_MODIFIED = { status: 304, description: 'It is the one that `If-None-Match` names' };

class PictureParams {
  @ApiProperty({ description: 'The picture', pattern: PICTURE_NAME.source })
  @Matches(PICTURE_NAME, { message: '$property must be the name of a picture, as a product tells it' })
  readonly name!: string;
}

@ApiTags('catalog')
@ApiBadRequestResponse({ description: 'Problem details with every violated field' })
@Controller('api/catalog')
export class PicturesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly storage: ObjectStorage,
  ) {}

  @Get('products/:sku/picture')
  @ApiOperation({ summary: "Leads to a product's picture", description: 'To the one it has now; ask again each time.' })
  @ApiQuery({ name: 'after', type: String, required: false, description: 'Once everything up to this position is in' })
  @ApiFoundResponse({ description: 'Where the picture is, in `Location`' })
  @ApiResponse(NOT_MODIFIED)
  @ApiNotFoundResponse({ description: 'There is no such product, or it has no picture' })
  async ofProduct(
    @Param() { sku }: ProductParams,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: PlatformResponse,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<void> {
    const product = await this.queries.execute(new GetProduct(sku, after));
    if (!product?.picture) throw new NotFoundException(`There is no picture of a product '${sku}'`);
    const { name, url } = product.picture;
    response.header('Cache-Control', 'no-cache');
    response.header('ETag', `"${name}"`);
    if (hasAlready(request, name)) response.statusCode = 304;
    else {
      response.statusCode = 302;
      response.header('Location', url);
    }
  }

  @Get('pictures/:name')
  @ApiOperation({ summary: 'A picture', description: 'Under its name it never changes.' })
  @ApiProduces('image/png', 'image/jpeg', 'image/webp')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse(NOT_MODIFIED)
  @ApiNotFoundResponse({ description: 'There is no such picture' })
  async picture(
    @Param() { name }: PictureParams,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: PlatformResponse,
  ): Promise<StreamableFile | undefined> {
    const isKnown = hasAlready(request, name);
    const bytes = isKnown ? undefined : await this.storage.get(name);
    if (!isKnown && !bytes) throw new NotFoundException('There is no such picture');
    response.header('Cache-Control', 'public, max-age=31536000, immutable');
    response.header('ETag', `"${name}"`);
    response.header('X-Content-Type-Options', 'nosniff');
    if (bytes) return new StreamableFile(bytes, { type: mediaTypeOf(name), length: bytes.length });
    response.statusCode = 304;
    return undefined;
  }
}

/** Whether who asks has the picture: what is in it is in its name. */
function hasAlready({ headers }: IncomingMessage, name: string): boolean {
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(`"${name}"`);
}
