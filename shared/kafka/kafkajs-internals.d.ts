/** The part of kafkajs 2.2.4 that `idle-timer-fix.ts` overrides. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface RequestQueue {
    readonly pending: readonly unknown[];
    readonly requestTimeout: number;
    readonly enforceRequestTimeout: boolean;
    readonly inflight: ReadonlyMap<
      number,
      { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }
    >;
    requestTimeoutIntervalId?: NodeJS.Timeout;
    isConnected(): boolean;
    destroy(): void;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
  }
  const requestQueueClass: { readonly prototype: RequestQueue };
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module is imported.
  export default requestQueueClass;
}
