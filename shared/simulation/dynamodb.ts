import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A store that doesn't answer must not hold a request for longer than its caller waits. */
const BOUNDS = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;

/**
 * A client that sends a request up to three times: for reads, and for writes that may happen twice without harm.
 * Region, credentials and address come from the SDK's own settings.
 */
export function retryingClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ maxAttempts: 3, ...config });
}

/** A client that sends a request once: an increment whose answer was lost must not be sent again. */
export function singleAttemptClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ maxAttempts: 1, ...config });
}

function documentClient(config: DynamoDBClientConfig): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ requestHandler: BOUNDS, ...config });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
