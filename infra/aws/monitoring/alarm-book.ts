import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Stage } from '../stage.ts';
import { type SystemStack, stageName } from '../system-stack.ts';

/** Sections of `docs/operations.md`, one for each kind of alarm. A test checks that they exist. */
export type RunbookSection =
  | 'consumer-lag'
  | 'iterator-age'
  | 'dead-letters'
  | 'function-errors'
  | 'function-throttles'
  | 'schedule-stopped'
  | 'account-concurrency'
  | 'api-errors'
  | 'api-latency'
  | 'cloudfront-errors'
  | 'canary'
  | 'stream-duration'
  | 'viewers'
  | 'mysql-connections'
  | 'mysql-cpu'
  | 'mysql-storage'
  | 'mysql-memory'
  | 'mysql-processor-credits'
  | 'kafka-storage'
  | 'kafka-cpu'
  | 'kafka-offline-partitions'
  | 'kafka-under-replicated-partitions'
  | 'dynamodb-throttles'
  | 'budget';

export interface AlarmSpecification {
  /** Part of the alarm's name, unique within the stage. */
  readonly name: string;
  readonly section: RunbookSection;
  /** Its meaning in one sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Default: at or above the threshold. */
  readonly below?: boolean;
  /** Number of consecutive periods of the metric. */
  readonly periods: number;
  /** Whether missing data raises the alarm, as for a dead man's switch. Default: no, because this system is usually idle. */
  readonly alarmsWhenSilent?: boolean;
}

/** Creates alarms that link to the runbook. */
export class AlarmBook {
  readonly alarms: Alarm[] = [];
  private readonly scope: SystemStack;
  private readonly stage: Stage;
  private readonly action: IAlarmAction;

  constructor(scope: SystemStack, action: IAlarmAction) {
    this.scope = scope;
    this.stage = scope.stage;
    this.action = action;
  }

  /** Creates the alarm in the book's stack, sends its changes of state to the book's action, and appends it to `alarms`. */
  add(specification: AlarmSpecification): void {
    const { name, section, meaning, metric, threshold, below = false, periods } = specification;
    const alarm = new Alarm(this.scope, `Alarm ${name}`, {
      alarmName: stageName(this.stage, name),
      alarmDescription: `${meaning} See ${this.stage.operationsUrl}#${section}`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: specification.alarmsWhenSilent
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.action);
    alarm.addOkAction(this.action);
    this.alarms.push(alarm);
  }
}
