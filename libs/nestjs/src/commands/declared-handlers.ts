import type { Class } from '@gesta/core';
import { CommandHandler } from '@nestjs/cqrs';

/** The command for which the class was decorated with `@CommandHandler`; `undefined` when it was not. */
export function handledCommand(handlerClass: object): Class | undefined {
  return Reflect.getMetadata(handlerKey, handlerClass) as Class | undefined;
}

/** `@nestjs/cqrs` keeps its metadata keys to itself; a class decorated here shows the one that is looked for. */
const handlerKey = (() => {
  class ProbeCommand {}
  class ProbeHandler {}
  CommandHandler(ProbeCommand)(ProbeHandler);
  return Reflect.getOwnMetadataKeys(ProbeHandler).find(
    (key) => Reflect.getOwnMetadata(key, ProbeHandler) === ProbeCommand,
  ) as string;
})();
