import { ApiProperty } from '@nestjs/swagger';
import { IDENTIFIER, IsIdentifier } from '@marketplace/values';

/** Names an item in a path. */
export class ItemParams {
  @ApiProperty({ description: 'The item', pattern: IDENTIFIER.source, example: 'chair-oak' })
  @IsIdentifier()
  readonly sku!: string;
}
