import 'reflect-metadata';
import { defineConfig } from '@gesta/cli';
import { sqlite } from '@gesta/sqlite';
import { BalancesWithBug } from './balances.projection.js';

export default defineConfig({ adapters: [sqlite()], projections: [BalancesWithBug] });
