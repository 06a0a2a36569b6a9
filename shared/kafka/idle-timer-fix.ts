/**
 * kafkajs 2.2.4 checks the request queue of each connection every millisecond, even if the queue is empty: it sets a timer to
 * "throttled until" minus now, which is negative unless the broker throttles. That costs 2 to 3 % of a core, and Node 24
 * warns of it. A queue needs a timer only while a request waits in it, and every request that is queued sets one.
 *
 * It also looks ten times a second whether a request has been waiting for too long, on each connection, for as long as it is open. Our
 * requests may take 10 s, so once a second is enough.
 * Why nothing less invasive helps: docs/decisions/0052-kafkajs-s-idle-timer-is-stopped-at-run-time.md.
 */
import requestQueueClass from 'kafkajs/src/network/requestQueue/index.js';

const { prototype } = requestQueueClass;
const schedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleIfRequestsWait() {
  if (this.pending.length > 0) schedule.call(this);
};

const TIMEOUT_CHECK_MS = 1_000;

prototype.scheduleRequestTimeoutCheck = function checkTimeoutsLessOften() {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  const check = () => {
    for (const request of this.inflight.values()) {
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
    }
    if (!this.isConnected()) this.destroy();
  };
  this.requestTimeoutIntervalId = setInterval(check, Math.min(this.requestTimeout, TIMEOUT_CHECK_MS));
};
