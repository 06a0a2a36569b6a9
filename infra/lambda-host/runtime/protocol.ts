/** The messages between the host and a worker thread. Ids are unique within one worker. */

/** A failed invocation as Lambda reports it to its caller. */
export interface FunctionError {
  /** The error's name, or Lambda's own: `Sandbox.Timedout`, `Runtime.ExitError`, … */
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The head of a streamed HTTP response, as `HttpResponseStream.from` takes it. */
export interface ResponsePrelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/**
 * What a handler returned, as JSON. The body of a large HTTP response is handed over apart from it, as its bytes in UTF-8: a body is
 * usually JSON itself, and as a string within JSON it would be escaped by the worker and parsed by the host for nothing.
 */
export interface HandlerResult {
  /** The field `body` is empty if `body` isn't null. */
  readonly payload: string;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export interface InvokeMessage {
  readonly kind: 'invoke';
  readonly id: number;
  readonly requestId: string;
  /** The event as JSON. */
  readonly event: string;
  /** When the invocation is ended by force, in milliseconds since 1970. */
  readonly deadline: number;
}

export type ToWorker =
  | InvokeMessage
  /** Bytes of each stream that its client has received, so that as many more may be sent. */
  | { readonly kind: 'credit'; readonly credits: readonly (readonly [id: number, bytes: number])[] }
  /** Streams whose client has disconnected. */
  | { readonly kind: 'abort'; readonly ids: readonly number[] }
  /** The host is about to end this worker. As on AWS, the process gets SIGTERM. */
  | { readonly kind: 'shutdown' };

/**
 * Everything that the streams of a worker sent since the last frame. Within one stream the order is prelude, chunks, end.
 * A chunk that goes to many streams is in `bytes` once.
 */
export interface StreamFrame {
  readonly kind: 'frame';
  readonly preludes: readonly (readonly [id: number, prelude: ResponsePrelude])[];
  readonly bytes: ArrayBuffer;
  readonly chunks: readonly (readonly [id: number, start: number, end: number])[];
  /** Streams that ended in order. */
  readonly ends: readonly number[];
  /** Streams that broke off, with the error of a handler that failed: their responses stay incomplete. */
  readonly breaks: readonly (readonly [id: number, error: FunctionError | null])[];
}

export type FromWorker =
  /** The handler is imported. `streaming`: it is wrapped by `awslambda.streamifyResponse`. */
  | { readonly kind: 'ready'; readonly streaming: boolean }
  | { readonly kind: 'start-failed'; readonly error: FunctionError }
  | ({ readonly kind: 'result'; readonly id: number } & HandlerResult)
  | { readonly kind: 'failure'; readonly id: number; readonly error: FunctionError }
  | StreamFrame;

/** The settings of a worker thread. */
export interface WorkerSettings {
  readonly functionName: string;
  /** Absolute `file:` URL of the handler's module. */
  readonly entry: string;
  readonly memoryMb: number;
  readonly region: string;
}

/** Bytes of a stream that may be in flight to its client. More are held back in the handler's stream, whose `write` returns false. */
export const STREAM_WINDOW_BYTES = 65_536;
