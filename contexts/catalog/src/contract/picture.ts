import { IsInt, Matches, Max, Min } from 'class-validator';

/** The types of pictures, as their names end. */
export const PICTURE_TYPES = ['png', 'jpg', 'webp'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** A picture's name: the SHA-256 of its bytes, and its type. */
export const PICTURE_NAME = /^[0-9a-f]{64}\.(png|jpg|webp)$/;

/** A picture, without its bytes: these are where its name says. */
export class Picture {
  @Matches(PICTURE_NAME, { message: '$property must be the SHA-256 of a picture and its type' }) readonly name!: string;
  /** In pixels. */
  @IsInt() @Min(1) @Max(100_000) readonly width!: number;
  @IsInt() @Min(1) @Max(100_000) readonly height!: number;
  /** How many bytes it has. */
  @IsInt() @Min(1) readonly bytes!: number;
}
