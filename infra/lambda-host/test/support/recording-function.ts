import { answered, failed, type InvocationResult } from '../../runtime/invocation-result.ts';

/** A function for event sources that records its invocations and fails on demand. */
export interface RecordingFunction<Event> {
  readonly invoke: (event: string) => Promise<InvocationResult>;
  /** Events of the invocations that succeeded. */
  readonly events: Event[];
  /** Events of those that failed. */
  readonly refused: Event[];
  /** Invocations so far. */
  begun: number;
  failing: boolean;
  /** Awaited within each invocation. */
  gate: Promise<void>;
}

/** Creates one that succeeds, at once, until `failing` or `gate` is set. */
export function recordingFunction<Event>(): RecordingFunction<Event> {
  const recording: RecordingFunction<Event> = {
    events: [],
    refused: [],
    begun: 0,
    failing: false,
    gate: Promise.resolve(),
    async invoke(event) {
      recording.begun += 1;
      await recording.gate;
      const { failing, refused, events } = recording;
      (failing ? refused : events).push(JSON.parse(event));
      return failing
        ? failed('id', { errorType: 'Error', errorMessage: 'told to fail' })
        : answered('id', { payload: 'null', body: null });
    },
  };
  return recording;
}
