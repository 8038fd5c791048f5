import 'reflect-metadata';
import { PICTURE_BODIES } from '@marketplace/catalog';
import { runService } from '@marketplace/service';
import { MarketplaceModule } from './marketplace.module.js';

await runService({
  name: 'The marketplace',
  module: MarketplaceModule,
  defaultPort: 3000,
  http: { rawBodies: [PICTURE_BODIES] },
});
