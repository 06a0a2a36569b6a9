import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { updateIf } from '../../../../shared/simulation/table.ts';

const KEY = { pk: 'RUN#r', sk: 'DAY#0001' };
const about = { $metadata: {}, message: 'refused' };

/** A table whose answers to updates are given: an error, or success. */
function tableAnswering(...answers: (Error | 'done')[]) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'local' }));
  let sent = 0;
  client.send = async () => {
    const answer = answers[Math.min(sent, answers.length - 1)];
    sent += 1;
    if (answer instanceof Error) throw answer;
    return {};
  };
  const table = { name: 'simulation', client, incrementClient: client, reads: { read: async () => [] } };
  return { table, sentUpdates: () => sent };
}

it('an update that meets a transaction is repeated until the transaction has ended', async () => {
  const conflict = new TransactionConflictException(about);
  const { table, sentUpdates } = tableAnswering(conflict, conflict, 'done');
  await expect(updateIf(table, KEY, {})).resolves.toBe(true);
  expect(sentUpdates()).toBe(3);
});

it('an update whose condition is not met after a conflict has changed nothing', async () => {
  const { table } = tableAnswering(
    new TransactionConflictException(about),
    new ConditionalCheckFailedException(about),
  );
  await expect(updateIf(table, KEY, {})).resolves.toBe(false);
});

it('an update that meets transactions again and again fails in the end, for its caller to repeat', async () => {
  const { table, sentUpdates } = tableAnswering(new TransactionConflictException(about));
  await expect(updateIf(table, KEY, {})).rejects.toBeInstanceOf(TransactionConflictException);
  expect(sentUpdates()).toBe(6);
});
