import type { KnownService } from './services.js';

/** How long a service is waited for, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Whether the services can be used, each by the best of its replicas. */
export interface Readiness {
  readonly status: 'ok' | 'error';
  readonly services: Readonly<Record<string, 'ready' | 'not ready' | 'does not answer'>>;
}

/** Asks every service whether it is ready. */
export async function readinessOf(services: readonly KnownService[]): Promise<Readiness> {
  const answers = await Promise.all(
    services.map(async ({ name, urls }) => {
      const replicas = await Promise.all(urls.map(ask));
      const best = (['ready', 'not ready'] as const).find((answer) => replicas.includes(answer));
      return [name, best ?? 'does not answer'] as const;
    }),
  );
  const status = answers.every(([, answer]) => answer === 'ready') ? 'ok' : 'error';
  return { status, services: Object.fromEntries(answers) };
}

async function ask(url: string): Promise<'ready' | 'not ready' | 'does not answer'> {
  try {
    const { ok } = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return ok ? 'ready' : 'not ready';
  } catch {
    return 'does not answer';
  }
}
