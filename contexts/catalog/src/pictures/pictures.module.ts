import { Module } from '@nestjs/common';
import { objectStorageFrom } from './files-url.js';
import { ObjectStorage } from './object-storage.js';

/** Where pictures are, for the side that takes them and the side that shows them. */
@Module({
  providers: [{ provide: ObjectStorage, useFactory: () => objectStorageFrom(process.env) }],
  exports: [ObjectStorage],
})
export class PicturesModule {}
