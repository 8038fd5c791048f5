import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: object;
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8'), { merge: true }) as Compose;
const single = read('compose.yaml');
const overlay = read('compose.cluster.yaml');

/** As `-f compose.yaml -f compose.cluster.yaml` joins them. */
const cluster: Compose = {
  networks: { ...single.networks, ...overlay.networks },
  volumes: { ...single.volumes, ...overlay.volumes },
  services: Object.fromEntries(
    [...new Set([...Object.keys(single.services), ...Object.keys(overlay.services)])].map((name) => {
      const [below, above] = [single.services[name], overlay.services[name]];
      const joined = {
        ...below,
        ...above,
        environment: { ...below?.environment, ...above?.environment },
        depends_on: { ...below?.depends_on, ...above?.depends_on },
      };
      return [name, joined as ComposeService];
    }),
  ),
};

describe.each([
  ['compose.yaml', single],
  ['compose.yaml with compose.cluster.yaml', cluster],
])('%s', (_, { services, networks, volumes }) => {
  const entries = Object.entries(services);
  const isOurs = ({ image }: ComposeService) => image.startsWith('gesta-marketplace:');

  it('pins every image to a version', () => {
    for (const [name, { image }] of entries)
      expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+/)]);
  });

  it('opens one port, the front door, to this machine alone', () => {
    const open = entries.filter(([, { ports = [] }]) => ports.length > 0);
    expect(open.map(([name, { ports }]) => [name, ports])).toEqual([['proxy', ['127.0.0.1:${PORT:-3000}:3000']]]);
  });

  it('keeps the stores on a network that leads nowhere else', () => {
    expect(networks.stores).toEqual({ internal: true });
    for (const [name, service] of entries.filter(([, each]) => !isOurs(each))) {
      expect([name, service.networks]).toEqual([name, ['stores']]);
    }
  });

  it('starts nothing before what it needs is healthy', () => {
    for (const [name, { depends_on = {} }] of entries) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect([name, needed, condition]).toEqual([name, needed, 'service_healthy']);
        expect(Object.keys(services)).toContain(needed);
      }
    }
    expect(Object.keys(services['proxy']!.depends_on!).sort()).toEqual([
      'inventory-command',
      'inventory-query',
      'ordering-command',
      'ordering-query',
    ]);
    for (const name of Object.keys(services['proxy']!.depends_on!)) {
      expect(services[name]!.depends_on).toMatchObject({ eventstoredb: {}, mongodb: {} });
    }
  });

  it('asks every store whether it is healthy; our image asks by itself', () => {
    for (const [name, service] of entries) {
      if (isOurs(service)) continue;
      expect([name, service.healthcheck]).toEqual([name, expect.objectContaining({ test: expect.anything() })]);
    }
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toMatch(/^HEALTHCHECK .*healthcheck\.mjs/m);
  });

  it('runs what the build makes', () => {
    for (const [, service] of entries.filter(([, each]) => isOurs(each))) {
      const script = [...(service.entrypoint ?? []), ...(service.command ?? [])].find((word) => word.endsWith('.js'))!;
      const source = script.replace('/dist/', '/src/').replace(/\.js$/, script.includes('/dist/') ? '.ts' : '.js');
      expect([source, existsSync(join(folder, '..', source))]).toEqual([source, true]);
    }
  });

  it('names only hosts that are there, and volumes that are declared', () => {
    for (const [, { environment = {}, volumes: mounted = [] }] of entries) {
      for (const value of Object.values(environment)) {
        for (const [, hosts] of String(value).matchAll(/:\/\/([^/?]+)/g)) {
          for (const host of hosts!.split(',')) expect(Object.keys(services)).toContain(host.replace(/:\d+$/, ''));
        }
      }
      for (const mount of mounted) expect(Object.keys(volumes)).toContain(mount.split(':', 1)[0]);
    }
  });

  it('lets no process fill the disk with what it prints, nor take the machine for itself', () => {
    for (const [name, service] of entries) {
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({
          logging: { driver: 'json-file', options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
          mem_limit: expect.stringMatching(/^\d+[mg]$/),
          cpus: expect.any(Number),
          pids_limit: expect.any(Number),
        }),
      ]);
    }
  });

  it('holds no secret', () => {
    expect(JSON.stringify(services)).not.toMatch(/password|changeit|secret/i);
  });
});

it('has three nodes of each store in the cluster, of the versions there are otherwise', () => {
  for (const store of ['eventstoredb', 'mongodb']) {
    const nodes = Object.entries(cluster.services).filter(([name]) => name.startsWith(store));
    expect(nodes).toHaveLength(3);
    expect(new Set(nodes.map(([, { image }]) => image)).size).toBe(1);
  }
});
