import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { removeContainers } from '../../../../../../infra/local/servers/docker/containers.ts';
import type {
  RunningServers,
  StartServersOptions,
} from '../../../../../../infra/local/servers/managed-server.ts';
import { probeDynamodb, probeKafka, probeMysql } from '../../../../../../infra/local/servers/readiness.ts';
import { chooseServers, startServers } from '../../../../../../infra/local/servers/start.ts';
import { installFakeDocker } from '../../../../../support/install-fake-docker.ts';

const servers = inject('servers');
const root = await mkdtemp(join(tmpdir(), 'docker-'));
const docker = installFakeDocker(join(root, 'bin'));
const started: RunningServers[] = [];

afterAll(async () => {
  await Promise.all(started.map((each) => each.stop()));
  rmSync(root, { recursive: true, force: true });
});

const portOf = (address: string) => Number(address.split(':').at(-1));
/** Instead of containers this test uses the servers that all suites share. */
const upstream = {
  KAFKA_PORT: portOf(servers.kafkaBrokers),
  MYSQL_PORT: servers.mysql.port,
  DYNAMODB_PORT: portOf(servers.dynamodbEndpoint),
};

let folder = '';

/** A data directory of an earlier start, which knows the password of those servers. */
beforeEach((context) => {
  folder = join(root, context.task.id);
  mkdirSync(folder);
  writeFileSync(join(folder, 'README.txt'), '');
  writeFileSync(join(folder, 'password'), servers.mysql.password);
  docker.behave({ upstream });
  docker.calls();
});

async function start(options: Partial<StartServersOptions> = {}): Promise<RunningServers> {
  const running = await startServers({
    dataDirectory: folder,
    mode: 'docker',
    fresh: false,
    report: () => {},
    ...options,
  });
  started.push(running);
  return running;
}

const words = () => docker.calls().map(({ word }) => word);

// Each test runs some twenty programs.
describe('servers in containers', { timeout: 180_000 }, () => {
  it('containers are checked, pulled, started and stopped in this order', async () => {
    const running = await start();
    expect(words()).toEqual(['version', 'compose-version', 'stop', 'pull', 'up']);
    await running.stop();
    expect(words()).toEqual(['SIGTERM', 'stop']);
  });

  it('containers are reached through the ports and the password given to the compose file', async () => {
    const running = await start();
    const up = docker.calls().find(({ word }) => word === 'up');
    const { mysql, kafkaBrokers, dynamodbEndpoint } = running.addresses;
    const ports = [kafkaBrokers, `:${mysql.port}`, dynamodbEndpoint].map(portOf);
    expect(up?.variables).toBe([...ports, mysql.password].join(' '));
    expect(up?.args).not.toContain(mysql.password);
    expect(up?.args).toMatch(/ kafka mysql dynamodb$/);
    expect(mysql.port).not.toBe(servers.mysql.port);
    await Promise.all([probeKafka(kafkaBrokers), probeMysql(mysql), probeDynamodb(running.addresses)]);
    await running.stop();
  });

  it('a folder keeps its project and ports between starts, and another folder has others', async () => {
    const projectAndPorts = () =>
      docker.calls().flatMap(({ word, args, variables }) => (word === 'up' ? [{ args, variables }] : []));
    await (await start()).stop();
    await (await start()).stop();
    const [first, second] = projectAndPorts();
    expect(second).toEqual(first);
    folder = join(root, 'other');
    mkdirSync(folder);
    writeFileSync(join(folder, 'README.txt'), '');
    writeFileSync(join(folder, 'password'), servers.mysql.password);
    await (await start()).stop();
    expect(projectAndPorts()[0]?.args).not.toEqual(first?.args);
  });

  it('volumes are removed before a fresh start and after a temporary one', async () => {
    await (await start({ temporary: true })).stop();
    expect(docker.calls().at(-1)?.args).toEqual(expect.stringContaining('down --volumes'));
    // A fresh start makes a new password, which the servers of this test don't take.
    docker.behave({ failures: { pull: 'enough' } });
    await expect(start({ fresh: true })).rejects.toThrow('enough');
    expect(docker.calls()[2]?.args).toEqual(expect.stringContaining('down --volumes'));
    expect(readFileSync(join(folder, 'password'), 'utf8')).not.toBe(servers.mysql.password);
  });

  it('containers with LocalStack use it instead of DynamoDB and keep no data', async () => {
    docker.behave({ failures: { up: 'enough' } });
    await expect(start({ mode: 'localstack' })).rejects.toThrow('enough');
    const calls = docker.calls();
    expect(calls.map(({ word }) => word)).toEqual([
      'version',
      'compose-version',
      'down',
      'pull',
      'up',
      'down',
    ]);
    expect(calls[4]?.args).toMatch(/ kafka mysql localstack$/);
  });

  it('an image that cannot be pulled is reported in one sentence with a remedy', async () => {
    const said = 'Error response from daemon: Get "https://registry-1.example/v2/": no such host';
    docker.behave({ failures: { pull: said } });
    await expect(start()).rejects.toThrow(
      `Docker could not pull the servers' images (${said}): check that the engine reaches its registry`,
    );
    expect(words()).toEqual(['version', 'compose-version', 'stop', 'pull', 'stop']);
  });

  it('a port that was taken during the start is reported', async () => {
    const said = 'Bind for 127.0.0.1:20000 failed: port is already allocated';
    docker.behave({ failures: { up: said } });
    await expect(start()).rejects.toThrow(
      /Another process has taken a port meanwhile: start again[\s\S]*20000/,
    );
  });

  it('the container that exited first is reported with its own output', async () => {
    const log = [
      'mysql-1  | MySQL init process in progress...',
      'kafka-1  | java.lang.OutOfMemoryError: Java heap space',
      'kafka-1 exited with code 3',
      'Aborting on container exit...',
      'mysql-1  | Received SHUTDOWN from user <via user signal>',
      'mysql-1 exited with code 0',
    ];
    docker.behave({ failures: { up: log.join('\n') } });
    await expect(start()).rejects.toThrow(
      /^The container of kafka has exited \(exit code 3\), so the others were stopped\. Its last lines in .*:\n {2}java\.lang\.OutOfMemoryError: Java heap space$/,
    );
  });

  it('pulled images are reported', async () => {
    const lines: string[] = [];
    docker.behave({ upstream, output: { pull: ' kafka Pulling \n 5a1b Downloading 1MB\n kafka Pulled ' } });
    await (await start({ report: (line) => lines.push(line) })).stop();
    const pulled = lines.filter((line) => line.includes('Docker:'));
    expect(pulled).toEqual(['  Docker: kafka Pulling', '  Docker: kafka Pulled']);
    expect(docker.calls().find(({ word }) => word === 'pull')?.args).not.toContain('--quiet');
  });

  it('a container that exits by itself is reported', async () => {
    const running = await start();
    const owner = JSON.parse(readFileSync(join(folder, 'containers.process.json'), 'utf8'));
    process.kill(owner.pid, 'SIGKILL');
    expect((await running.failed).message).toMatch(
      /^The servers' containers have exited \(signal SIGKILL\)\. The last lines of/,
    );
    await running.stop();
  });

  it('a container is killed, started again, paused and resumed without ending the others', async () => {
    const running = await start();
    expect([...running.breakable.keys()]).toEqual(['kafka', 'mysql', 'dynamodb']);
    const kafka = running.breakable.get('kafka');
    docker.calls();
    await kafka?.kill();
    // As Compose reports it, with a control sequence even in a file.
    appendFileSync(join(folder, 'containers.log'), '\u001b[Kkafka-1 exited with code 137\n');
    await kafka?.start();
    await kafka?.pause();
    await kafka?.resume();
    expect(docker.calls().map(({ args }) => args.split(' ').slice(-2).join(' '))).toEqual([
      'kill kafka',
      'start kafka',
      'pause kafka',
      'unpause kafka',
    ]);
    // A second exit, which nobody has asked for, ends the start.
    appendFileSync(
      join(folder, 'containers.log'),
      'mysql-1  | [ERROR] Out of disk\n\u001b[Kmysql-1 exited with code 1\n',
    );
    expect((await running.failed).message).toMatch(
      /^The container of mysql has exited \(exit code 1\).*:\n {2}\[ERROR\] Out of disk$/,
    );
    await running.stop();
  });

  it('containers of a killed start are removed with their data', async () => {
    expect(await removeContainers(folder)).toBe(true);
    expect(docker.calls().at(-1)?.args).toEqual(expect.stringContaining('down --volumes'));
    docker.behave({ failures: { version: 'Cannot connect to the Docker daemon' } });
    expect(await removeContainers(folder)).toBe(false);
  });
});

describe('the automatic choice of servers', { timeout: 180_000 }, () => {
  const told: string[] = [];
  const choose = () => chooseServers('auto', (line) => told.push(line));

  it('containers are chosen if a Docker engine answers', async () => {
    expect(await choose()).toBe('docker');
    expect(told.splice(0).join()).toMatch(/^The Docker engine 28\.2\.2 answers/);
  });

  it.each([
    [{ failures: { version: 'Cannot connect' } }, 'its engine does not answer'],
    [{ engine: '' }, 'its engine does not answer'],
    [{ engine: '24.0.7' }, 'The Docker engine 24.0.7 is too old'],
    [{ failures: { 'compose-version': 'unknown command: docker compose' } }, 'Docker has no Compose'],
    [{ compose: 'v2.22.0' }, 'Docker Compose v2.22.0 is too old'],
  ])('processes are chosen with %j', async (behaviour, said) => {
    docker.behave(behaviour);
    expect(await choose()).toBe('native');
    expect(told.splice(0).join()).toContain(said);
  });

  it('a requested Docker that is unusable stops the start with a remedy', async () => {
    docker.behave({ engine: '24.0.7' });
    await expect(start()).rejects.toThrow(
      'The Docker engine 24.0.7 is too old: update Docker to 25 or later, or start without it',
    );
    expect(words()).toEqual(['version']);
  });

  it('a start of LocalStack without Docker fails with the alternative command', async () => {
    docker.behave({ engine: '24.0.7' });
    await expect(start({ mode: 'localstack' })).rejects.toThrow(
      'update Docker to 25 or later, or run the same functions without LocalStack: npm start.',
    );
  });
});
