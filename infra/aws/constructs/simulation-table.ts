import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { SystemDescription } from '../../system-description.ts';

export interface SimulationTableProps {
  readonly deletionProtection: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/** The table of the simulation's state, as the system describes it. */
export function simulationTable(
  scope: Construct,
  { partitionKey, sortKey, timeToLive, stream }: SystemDescription['table'],
  props: SimulationTableProps,
): Table {
  return new Table(scope, 'Simulation', {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: timeToLive,
    stream: StreamViewType[stream],
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...props,
  });
}
