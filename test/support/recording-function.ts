import { answered, failed, type InvocationResult } from '../../infra/lambda-host/invocation.ts';

/** Stands where a source's function stands: remembers what it was invoked with, and fails while it is told to. */
export interface RecordingFunction<Event> {
  readonly invoke: (event: string) => Promise<InvocationResult>;
  /** Events of the invocations that succeeded. */
  readonly events: Event[];
  /** Events of those that failed. */
  readonly refused: Event[];
  /** Invocations that have begun. */
  begun: number;
  failing: boolean;
  /** Awaited within each invocation. */
  gate: Promise<void>;
}

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
        : answered('id', 'null');
    },
  };
  return recording;
}
