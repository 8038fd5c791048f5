import { Global, Module } from '@nestjs/common';
import { injectionProviders } from './injection-tokens.js';

/** Makes what is injected by class available in every module. */
@Global()
@Module(injectionProviders)
export class InjectionModule {}
