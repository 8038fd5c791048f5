import { applicationSettings, type ApplicationSettings, type StoreLocation } from '@gesta/core';
import { dirname } from 'node:path';
import { ConfigurationProblem } from './configuration-problem.js';
import { databaseUrl } from './database-file.js';
import type { GestaConfig } from './gesta-config.js';

/**
 * What the configuration file says, and where it is silent the environment: what `GestaModule.forRoot` makes of the same
 * options.
 * @param file the configuration file, where relative paths start
 * @throws {ConfigurationProblem} with everything that is wrong
 */
export function settingsOf(
  config: GestaConfig,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): ApplicationSettings {
  const settings = applicationSettings(config, env, 'of the configuration');
  if ('problems' in settings) throw new ConfigurationProblem(file, settings.problems);
  const folder = dirname(file);
  const placed = (store: StoreLocation) => ({ ...store, url: databaseUrl(store.url, folder) });
  return { ...settings, events: placed(settings.events), documents: placed(settings.documents) };
}
