import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { GestaApplication } from './gesta-application.js';

/**
 * Starts the readers of the log once command handlers are bound. `CqrsModule` binds them when the application starts;
 * Nest starts modules after what they import, which is why this is a module that imports it, and not a global one: those
 * are started first.
 */
@Module({ imports: [CqrsModule] })
export class StartReadersModule implements OnApplicationBootstrap {
  constructor(@Inject(GestaApplication) private readonly application: GestaApplication) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.application.start();
  }
}
