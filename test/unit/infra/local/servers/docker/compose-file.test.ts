import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { serverNames } from '../../../../../../infra/local/servers/addresses.ts';
import { COMPOSE_FILE, composeVariables } from '../../../../../../infra/local/servers/docker/compose.ts';
import { DATABASE, USER } from '../../../../../../infra/local/servers/mysql.ts';

/** Compares the compose file with what the code that runs it expects. Its schema is checked in schemas.test.ts. */
const service = z.object({
  image: z.string(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  command: z.union([z.string(), z.array(z.string())]).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  healthcheck: z.object({ test: z.string(), timeout: z.string(), retries: z.int() }),
});
const text = readFileSync(COMPOSE_FILE, 'utf8');
const file = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(text));
const services = Object.entries(file.services);

function serviceNamed(name: string): z.output<typeof service> {
  const found = file.services[name];
  if (!found) throw new Error(`The compose file has no service ${name}.`);
  return found;
}

/** The port of this machine's loopback interface to which a service's port is published. */
function publishedAs(name: string, port: number): string | undefined {
  const [only, ...others] = serviceNamed(name).ports;
  expect(others).toEqual([]);
  return only?.match(`^127\\.0\\.0\\.1:\\$\\{(\\w+):-\\d+\\}:${port}$`)?.[1];
}

describe('the compose file', () => {
  it('the compose file starts the three servers, and others only if their profile is requested', () => {
    const withoutProfile = services.filter(([, { profiles }]) => profiles.length === 0);
    expect(withoutProfile.map(([name]) => name).sort()).toEqual([...serverNames].sort());
    expect(serviceNamed('localstack').profiles).toEqual(['localstack']);
    for (const name of ['prometheus', 'grafana']) expect(serviceNamed(name).profiles).toEqual(['monitoring']);
  });

  it.each(services)('the compose file pins the release of %s and checks its health', (_name, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it('the health check of Kafka runs without a JVM', () => {
    expect(serviceNamed('kafka').healthcheck.test).not.toMatch(/\.sh\b|java/);
  });

  it('the compose file has the documented releases', () => {
    expect(serviceNamed('localstack').image).toBe('localstack/localstack:4.14.0');
    expect(serviceNamed('mysql').image).toMatch(/^mysql:8\.4\./);
    expect(serviceNamed('kafka').image).toMatch(/^apache\/kafka:4\./);
  });

  it('the compose file runs the MySQL that the stages deploy', () => {
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
    for (const stage of ['dev', 'prod'])
      expect(serviceNamed('mysql').image).toBe(`mysql:${context.stages[stage].mysql.version}`);
  });

  it.each(services)('%s listens on the loopback interface only', (_name, one) => {
    for (const port of one.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    if (one.network_mode !== 'host') return expect(one.ports).toHaveLength(1);
    const listens = [...one.command, ...Object.entries(one.environment).flat()].join(' ');
    expect(listens).toMatch(/--web\.listen-address=127\.0\.0\.1:|GF_SERVER_HTTP_ADDR 127\.0\.0\.1/);
  });

  it('the compose file publishes the ports that the start chooses, and Kafka advertises its own', () => {
    expect(publishedAs('kafka', 9092)).toBe('KAFKA_PORT');
    expect(publishedAs('mysql', 3306)).toBe('MYSQL_PORT');
    expect(publishedAs('dynamodb', 8000)).toBe('DYNAMODB_PORT');
    expect(publishedAs('localstack', 4566)).toBe('LOCALSTACK_PORT');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose has it
    const advertised = 'HOST://127.0.0.1:${KAFKA_PORT:-9092}';
    expect(serviceNamed('kafka').environment.KAFKA_ADVERTISED_LISTENERS).toContain(advertised);
  });

  it('the compose file uses exactly the environment variables that the code sets', () => {
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    expect([...asked].sort()).toEqual([...composeVariables].sort());
  });

  it('the compose file contains no password, and the account of the addresses', () => {
    const { environment } = serviceNamed('mysql');
    expect(environment).toMatchObject({ MYSQL_DATABASE: DATABASE, MYSQL_USER: USER });
    expect(environment.MYSQL_PASSWORD).toMatch(/^\$\{MYSQL_PASSWORD:\?/);
    expect(environment.MYSQL_ROOT_PASSWORD).toMatch(/^\$\{MYSQL_PASSWORD:\?/);
    const grants = readFileSync('infra/local/servers/docker/grants.sql', 'utf8');
    expect(grants).toContain(`TO '${USER}'@'%'`);
  });

  it('the servers keep their data in volumes, and mounted files exist', () => {
    for (const name of serverNames)
      expect(serviceNamed(name).volumes).toContainEqual(expect.stringMatching(`^${name}:/`));
    const mounted = services.flatMap(([, { volumes }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    for (const source of mounted) {
      if (source.startsWith('./')) expect(existsSync(source), source).toBe(true);
      else expect(Object.keys(file.volumes)).toContain(source);
    }
  });

  it('MySQL in a container loads local files and stores UTF-8, like the deployed database', () => {
    expect(serviceNamed('mysql').command).toEqual(
      expect.arrayContaining(['--local-infile=1', '--collation-server=utf8mb4_bin']),
    );
    // Otherwise all access keys would share one database of DynamoDB Local, and test suites would affect each other.
    expect(serviceNamed('dynamodb').command).not.toContain('-sharedDb');
  });
});
