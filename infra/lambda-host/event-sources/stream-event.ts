/** Stream records as Lambda delivers them. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
import type { AttributeValue, _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent, AttributeValue as EventAttributeValue } from 'aws-lambda';

type Image = Record<string, EventAttributeValue>;

/** The event of a batch. */
export function streamEvent(records: readonly DynamoDBRecord[]): DynamoDBStreamEvent {
  return { Records: [...records] };
}

/** Converts a record to one of an event: binary values in base64, the time in seconds, and its source. */
export function eventRecord(record: StreamRecord, region: string, streamArn: string): DynamoDBRecord {
  const { eventID, eventName, eventVersion = '1.1', dynamodb, userIdentity } = record;
  const { ApproximateCreationDateTime: createdAt, Keys, NewImage, OldImage, ...rest } = dynamodb ?? {};
  return {
    eventID,
    eventName,
    eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ...(createdAt && { ApproximateCreationDateTime: Math.floor(createdAt.getTime() / 1000) }),
      ...(Keys && { Keys: eventImage(Keys) }),
      ...(NewImage && { NewImage: eventImage(NewImage) }),
      ...(OldImage && { OldImage: eventImage(OldImage) }),
      ...rest,
    },
    // Only items that expired by their time to live have one.
    ...(userIdentity && {
      userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId },
    }),
    eventSourceARN: streamArn,
  };
}

function eventImage(image: Readonly<Record<string, AttributeValue>>): Image {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, eventValue(value)]));
}

function eventValue(value: AttributeValue): EventAttributeValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: eventImage(value.M) };
  if (value.L !== undefined) return { L: value.L.map(eventValue) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  return { NULL: true };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
