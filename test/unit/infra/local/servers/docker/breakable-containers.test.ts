import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ServerName, serverNames } from '../../../../../../infra/local/servers/addresses.ts';
import { breakableContainers } from '../../../../../../infra/local/servers/docker/breakable-containers.ts';

const isReady = async () => {};

/** Containers of which only what is asked of Docker exists, and the servers that break them. */
function containers({ probe = isReady, killFails = false } = {}) {
  const asked: string[] = [];
  const down = new Set<string>();
  const expected: string[] = [];
  const stopping = new AbortController();
  let isForeground = true;
  const breakable = breakableContainers(serverNames, {
    project: {
      control: async (how, service) => {
        asked.push(`${how} ${service}`);
        await nextTurn();
        if (how === 'kill' && killFails) throw new Error('Docker did not answer.');
        // Docker Compose exits with the last container.
        if (how === 'kill' && down.size === serverNames.length) isForeground = false;
      },
    },
    down,
    exits: {
      expect: (service) => expected.push(service),
      unexpect: (service) => void expected.splice(expected.indexOf(service), 1),
    },
    isForeground: () => isForeground,
    up: async (service) => {
      asked.push(`up ${service}`);
      await nextTurn();
      isForeground = true;
    },
    probes: { kafka: probe, mysql: probe, dynamodb: probe },
    signal: stopping.signal,
  });
  const server = (name: ServerName) => {
    const found = breakable.get(name);
    if (!found) throw new Error(`There is no ${name}.`);
    return found;
  };
  return { asked, down, expected, stopping, server };
}

test('Docker Compose is started once after all containers were killed, and starts the others one by one', async () => {
  const { asked, down, server } = containers();
  await Promise.all(serverNames.map((name) => server(name).kill()));
  expect(down.size).toBe(3);
  asked.length = 0;
  await Promise.all(serverNames.map((name) => server(name).start()));
  const [first, ...others] = serverNames;
  expect(asked).toEqual([`up ${first}`, ...others.map((name) => `start ${name}`)]);
  expect(down.size).toBe(0);
});

test('a container killed alone is started beside the others', async () => {
  const { asked, server } = containers();
  await server('mysql').kill();
  await server('mysql').start();
  expect(asked).toEqual(['kill mysql', 'start mysql']);
});

test('a container that Docker did not kill in time is not down, its exit is not expected, and it is started', async () => {
  const { asked, down, expected, server } = containers({ killFails: true });
  await expect(server('kafka').kill()).rejects.toThrow('Docker did not answer.');
  expect({ down: [...down], expected }).toEqual({ down: [], expected: [] });
  expect(asked).toEqual(['kill kafka', 'start kafka']);
});

test.each(['the stop of the servers', 'the caller'])(
  '%s ends the wait for a container that never gets ready',
  async (who) => {
    const { stopping, server } = containers({ probe: () => Promise.reject(new Error('not yet')) });
    const caller = new AbortController();
    const started = server('kafka').start(caller.signal);
    (who === 'the caller' ? caller : stopping).abort(new Error('stopped'));
    await expect(started).rejects.toThrow('stopped');
  },
);
