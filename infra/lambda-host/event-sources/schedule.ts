import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent } from 'aws-lambda';
import { LOCAL_ACCOUNT_ID } from '../lambda-context.ts';
import type { Schedule } from '../system-description.ts';
import type { EventSource } from './event-source.ts';

export interface ScheduleOptions {
  readonly schedule: Schedule;
  readonly region: string;
  /** Invokes without waiting for an answer. */
  readonly invokeAsync: (name: string, event: string) => void;
}

/** Invokes a function at once and then again and again, as a rule of EventBridge does. */
export function startSchedule({ schedule, region, invokeAsync }: ScheduleOptions): EventSource {
  const fire = () => {
    const event = scheduledEvent(schedule.function, region, new Date());
    invokeAsync(schedule.function, JSON.stringify(event));
  };
  fire();
  const timer = setInterval(fire, schedule.everyMinutes * 60_000);
  return { stop: async () => clearInterval(timer) };
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html */
function scheduledEvent(
  rule: string,
  region: string,
  time: Date,
): EventBridgeEvent<'Scheduled Event', Record<string, never>> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT_ID,
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:events:${region}:${LOCAL_ACCOUNT_ID}:rule/${rule}`],
    detail: {},
  };
}
