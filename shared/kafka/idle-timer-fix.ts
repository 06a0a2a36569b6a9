/**
 * kafkajs 2.2.4 looks at each connection's queue of waiting requests once a millisecond, for ever, also while it is empty: it
 * sets a timer to "throttled until" minus now, which is far below zero where nothing throttles. That takes some percent of
 * a core per connection, and Node 24 warns of it. A queue needs a look only while something waits in it; whatever comes
 * into it later sets the timer by itself.
 */
import requestQueueClass from 'kafkajs/src/network/requestQueue/index.js';

const { prototype } = requestQueueClass;
const schedule = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleIfNeeded() {
  if (this.pending.length > 0) schedule.call(this);
};
