/** Something was declared in a way that cannot work. Thrown while the application starts, never later. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}
