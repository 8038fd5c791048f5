import { Module } from '@nestjs/common';

/** The aggregates that a module lists with `GestaModule.forFeature`. */
@Module({})
export class GestaFeatureModule {}
