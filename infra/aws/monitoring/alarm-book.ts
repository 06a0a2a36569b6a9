import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type SystemStack, stageName } from '../stacks/system-stack.ts';
import type { Stage } from '../stage.ts';

/** Sections of `docs/operations.md`, one for each kind of alarm. A test checks that they exist. */
export type RunbookSection =
  | 'consumer-lag'
  | 'iterator-age'
  | 'dead-letters'
  | 'function-errors'
  | 'function-throttles'
  | 'api-errors'
  | 'api-latency'
  | 'stream-duration'
  | 'viewers'
  | 'mysql-connections'
  | 'mysql-cpu'
  | 'mysql-storage'
  | 'kafka-storage'
  | 'kafka-offline-partitions'
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
}

/** Creates alarms that link to the runbook. Missing data is no problem: this system is usually idle. */
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

  add({ name, section, meaning, metric, threshold, below = false, periods }: AlarmSpecification): void {
    const alarm = new Alarm(this.scope, `Alarm ${name}`, {
      alarmName: stageName(this.stage, name),
      alarmDescription: `${meaning} See ${this.stage.operationsUrl}#${section}`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.action);
    alarm.addOkAction(this.action);
    this.alarms.push(alarm);
  }
}
