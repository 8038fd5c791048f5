/** What the application is configured with cannot work. Lists everything that is wrong, and what to set instead. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly string[]) {
    super(['Gesta cannot start with this configuration:', ...problems].join('\n- '));
  }
}
