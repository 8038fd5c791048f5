import { DefinitionError } from './definition-error.js';

/**
 * Refuses to be applied as a standard decorator, which is given a context where TypeScript's own kind is given a method's
 * name: it would declare nothing on the class, and what it declared would be found nowhere.
 * @param decorator its name, without the `@`
 * @param second what the decorator was given second
 * @throws {DefinitionError} that says which compiler options are missing
 */
export function refuseStandardDecorator(decorator: string, second: unknown): void {
  if (typeof second !== 'object' || second === null || !('kind' in second)) return;
  throw new DefinitionError(
    `@${decorator} was compiled as a standard decorator; set "experimentalDecorators": true (and "emitDecoratorMetadata": true) in the tsconfig.json that the compiler reads, or legacyDecorator and decoratorMetadata for SWC`,
  );
}
