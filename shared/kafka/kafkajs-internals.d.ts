/** The part of kafkajs 2.2.4 that `idle-timer-fix.ts` overrides. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  interface RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  const requestQueueClass: { readonly prototype: RequestQueue };
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module is imported.
  export default requestQueueClass;
}
