/**
 * Tells "a server behind this one does not answer" from a defect of ours, by the codes and names that Node's sockets,
 * mysql2, kafkajs and the AWS SDK give their errors.
 */
const UNREACHABLE = new Set([
  // Sockets and name resolution
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  // MySQL: connection broken, no answer, full, starting or stopping
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_QUERY_INTERRUPTED',
  'ER_LOCK_WAIT_TIMEOUT',
  // AWS SDK: by name
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'CredentialsProviderError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
]);

/** A broken connection of mysql2 that was noticed only by its next use carries no code. */
const CLOSED_CONNECTION = /closed state|Connection lost|Pool is closed/;

/** Whether an error, or one that caused it, says that a server didn't answer. */
export function isDependencyFailure(error: unknown): boolean {
  return causesOf(error).some(isUnreachable);
}

function isUnreachable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    UNREACHABLE.has(code) ||
    UNREACHABLE.has(error.name) ||
    error.name.startsWith('KafkaJS') ||
    CLOSED_CONNECTION.test(error.message)
  );
}

/** The error itself, its causes, and the parts of an `AggregateError` (Node's, when every address refused). */
function causesOf(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...parts].flatMap((cause) => causesOf(cause, depth + 1))];
}
