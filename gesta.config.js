// What the `gesta` command knows of the marketplace. Its stores are named as for `npm start`: by GESTA_EVENTS_URL and
// GESTA_DOCUMENTS_URL, else they are in ./data/gesta.db.
import { defineConfig } from '@gesta/cli';
import { eventStoreDB } from '@gesta/eventstoredb';
import { mongoDB } from '@gesta/mongodb';
import { sqlite } from '@gesta/sqlite';
import * as catalog from '@marketplace/catalog/parts';
import * as inventory from '@marketplace/inventory/parts';
import * as ordering from '@marketplace/ordering/parts';
import * as payment from '@marketplace/payment/parts';
import * as shipping from '@marketplace/shipping/parts';

const contexts = [catalog, inventory, ordering, payment, shipping];

export default defineConfig({
  adapters: [sqlite(), eventStoreDB(), mongoDB()],
  aggregates: contexts.flatMap(({ aggregates }) => aggregates),
  projections: contexts.flatMap(({ projections }) => projections),
  processes: contexts.flatMap(({ processes }) => processes),
  reactors: contexts.flatMap(({ reactors = [] }) => reactors),
});
