import { describe, expect, it } from 'vitest';
import { chooseTestServers, type ServerMachine } from '../../support/server-modes.ts';

const machine = (java: boolean, docker: boolean): ServerMachine => ({
  hasJava: async () => java,
  hasDocker: async () => docker,
});
const silent = () => {};

describe('the servers that the tests run on', () => {
  it.each([
    { java: true, docker: true, mode: 'native' },
    { java: true, docker: false, mode: 'native' },
    { java: false, docker: true, mode: 'docker' },
    // The start says what is missing, with the remedy.
    { java: false, docker: false, mode: 'native' },
  ])('are $mode with Java $java and Docker $docker', async ({ java, docker, mode }) => {
    expect(await chooseTestServers(undefined, silent, machine(java, docker))).toBe(mode);
    expect(await chooseTestServers('', silent, machine(java, docker))).toBe(mode);
  });

  it('are what is asked for, whatever is there', async () => {
    expect(await chooseTestServers('docker', silent, machine(true, false))).toBe('docker');
    expect(await chooseTestServers('native', silent, machine(false, true))).toBe('native');
  });

  it('are said where they are not the usual ones', async () => {
    const said: string[] = [];
    await chooseTestServers(undefined, (line) => said.push(line), machine(false, true));
    expect(said).toEqual([expect.stringContaining('containers')]);
  });

  it('are refused by the name of the setting', async () => {
    await expect(chooseTestServers('podman', silent, machine(true, true))).rejects.toThrow('SERVERS wants');
  });
});
