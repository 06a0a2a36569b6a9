/**
 * kafkajs 2.2.4 checks the request queue of each connection every millisecond, even if the queue is empty: it sets a timer to
 * "throttled until" minus now, which is negative unless the broker throttles. That costs 2 to 3 % of a core, and Node 24
 * warns of it. A queue needs a timer only while a request waits in it, and every request that is queued sets one.
 * Why nothing less invasive helps: docs/decisions/0052-kafkajs-s-idle-timer-is-stopped-at-run-time.md.
 */
import requestQueueClass from 'kafkajs/src/network/requestQueue/index.js';

const { prototype } = requestQueueClass;
const schedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleIfRequestsWait() {
  if (this.pending.length > 0) schedule.call(this);
};
