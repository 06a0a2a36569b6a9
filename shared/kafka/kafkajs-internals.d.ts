/** The part of kafkajs 2.2.4 that `idle-timer-fix.ts` mends. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  const requestQueueClass: { readonly prototype: RequestQueue };
  // biome-ignore lint/style/noDefaultExport: it is how a CommonJS module is seen.
  export default requestQueueClass;
}
