import { pathToFileURL } from 'node:url';
import { ConfigurationProblem } from './configuration-problem.js';
import type { GestaConfig } from './gesta-config.js';

type Kind = 'an array' | 'an array of classes' | 'a text' | 'a number above 0';

const FIELDS: Readonly<Record<keyof GestaConfig, Kind>> = {
  adapters: 'an array',
  events: 'a text',
  documents: 'a text',
  aggregates: 'an array of classes',
  projections: 'an array of classes',
  processes: 'an array of classes',
  reactors: 'an array of classes',
  unknownEvents: 'a text',
  leaseMs: 'a number above 0',
};

/**
 * Imports a configuration file.
 * @throws {ConfigurationProblem} when it cannot be imported or does not export a configuration
 */
export async function loadConfig(file: string): Promise<GestaConfig> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const remedy = /^Cannot find (module|package)/.test(message) ? '. Is everything installed and built?' : '';
    throw new ConfigurationProblem(`${file} cannot be loaded`, [`${message}${remedy}`], { cause: error });
  }
  return checkedConfig(module.default, file);
}

/** @throws {ConfigurationProblem} with every field that is not as it should be */
export function checkedConfig(exported: unknown, file: string): GestaConfig {
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    throw new ConfigurationProblem(file, ['it has to `export default defineConfig({ … })`']);
  }
  const config = exported as Record<string, unknown>;
  const problems: string[] = [];
  for (const [field, value] of Object.entries(config)) {
    const kind = Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof GestaConfig] : undefined;
    if (!kind) problems.push(`there is no field \`${field}\`; there are: ${Object.keys(FIELDS).join(', ')}`);
    else if (value !== undefined && !isOf(kind, value)) problems.push(`\`${field}\` has to be ${kind}`);
  }
  if (!Array.isArray(config.adapters) || config.adapters.length === 0) {
    problems.push('`adapters` names no store: write `adapters: [sqlite()]`, with sqlite() of @gesta/sqlite');
  }
  if (problems.length > 0) throw new ConfigurationProblem(file, problems);
  return exported as GestaConfig;
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'a text':
      return typeof value === 'string';
    case 'a number above 0':
      return typeof value === 'number' && value > 0;
    case 'an array':
      return Array.isArray(value);
    case 'an array of classes':
      return Array.isArray(value) && value.every((element) => typeof element === 'function');
  }
}
