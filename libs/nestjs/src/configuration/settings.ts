import { applicationSettings, type ApplicationSettings } from '@gesta/core';
import type { GestaModuleOptions } from '../module/gesta-module-options.js';
import { ConfigurationError } from './configuration-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the options say, and where they are silent the environment.
 * @throws {ConfigurationError} with everything that is wrong
 */
export function checkedSettings(options: GestaModuleOptions, environment: Environment): ApplicationSettings {
  const settings = applicationSettings(options, environment, 'in GestaModule.forRoot');
  if ('problems' in settings) throw new ConfigurationError(settings.problems);
  return settings;
}
