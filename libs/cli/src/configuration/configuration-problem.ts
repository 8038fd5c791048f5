/** The configuration cannot be worked with. Lists everything that is wrong, and what to do instead. */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem';

  /** @param subject what is wrong, such as the file's path */
  constructor(
    subject: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.length === 1 ? `${subject}: ${problems[0]}` : [`${subject}:`, ...problems].join('\n- '), options);
  }
}
