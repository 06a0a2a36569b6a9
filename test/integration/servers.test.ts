import { expect, inject, test } from 'vitest';
import { probeDynamodb, probeKafka, probeMysql } from '../../infra/local/servers/readiness.ts';

test('the servers of the run serve', async () => {
  const addresses = inject('servers');
  await probeKafka(addresses.kafkaBrokers);
  await probeMysql(addresses.mysql);
  await probeDynamodb(addresses);
  expect(addresses.mysql.password).not.toBe('');
});
