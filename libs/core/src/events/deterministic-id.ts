import { v5 as uuidV5 } from 'uuid';

const GESTA = 'c8f0a9a4-6f0e-5d0b-9f57-3f0f6f1a2b71';

/** The same UUID for the same parts, always: by it a repeat is recognised. The parts are kept apart whatever they hold. */
export function deterministicId(...parts: readonly (string | number | bigint)[]): string {
  return uuidV5(JSON.stringify(parts.map(String)), GESTA);
}
