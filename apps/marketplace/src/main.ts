import 'reflect-metadata';
import { runService } from '@marketplace/service';
import { MarketplaceModule } from './marketplace.module.js';

await runService({ name: 'The marketplace', module: MarketplaceModule, defaultPort: 3000 });
