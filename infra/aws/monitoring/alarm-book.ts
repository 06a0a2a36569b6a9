import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type SystemStack, stageName } from '../stacks/system-stack.ts';
import type { Stage } from '../stage.ts';

/** Sections of `docs/operations.md`, one for each kind of alarm; a test holds that they are there. */
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
  /** What it means, in one sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Default: at or above the threshold. */
  readonly below?: boolean;
  /** How many periods of the metric in a row. */
  readonly periods: number;
}

/** Makes alarms that say where to read on. Without data there is nothing wrong: idle is the usual state here. */
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
