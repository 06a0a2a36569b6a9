import type { FunctionError } from './protocol.ts';

/** How one invocation of a buffered function went. */
export interface InvocationResult {
  readonly requestId: string;
  /** JSON of what the handler returned, or of the error. */
  readonly payload: string;
  /** Null if the handler answered. */
  readonly error: FunctionError | null;
}

export function answered(requestId: string, payload: string): InvocationResult {
  return { requestId, payload, error: null };
}

export function failed(requestId: string, error: FunctionError): InvocationResult {
  return { requestId, payload: JSON.stringify(error), error };
}
