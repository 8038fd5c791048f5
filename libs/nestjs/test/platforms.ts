import type { AbstractHttpAdapter } from '@nestjs/core';
import { frameworkErrors } from '../src/http/framework-errors.js';

/** The platforms that every spec of HTTP runs on. A path's parameter may be as long as an id on both. */
export const PLATFORMS = [
  { platform: 'Express', adapter: () => adapterOf('@nestjs/platform-express', 'ExpressAdapter') },
  {
    platform: 'Fastify',
    adapter: () =>
      adapterOf('@nestjs/platform-fastify', 'FastifyAdapter', {
        frameworkErrors,
        routerOptions: { maxParamLength: 1_000 },
      }),
  },
] as const;

async function adapterOf(from: string, name: string, options?: object): Promise<AbstractHttpAdapter> {
  const platform = (await import(from)) as Record<string, new (options?: object) => AbstractHttpAdapter>;
  return new platform[name]!(options);
}
