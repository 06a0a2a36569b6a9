/** Modules of dependencies that no function runs on AWS, and what stands in their place within the bundles. */

export interface LeftOut {
  /** Matches the module's path. */
  readonly module: RegExp;
  /** Why nobody misses it; whoever needs it all the same is told. */
  readonly reason: string;
}

/** A path within a package, whatever the separator. @param path As a part of a regular expression. */
function modulePath(path: string): RegExp {
  return new RegExp(`[/\\\\]node_modules[/\\\\]${path.replaceAll('/', '[/\\\\]')}$`);
}

/**
 * Kafka's requests by which topics are consumed, groups are coordinated and clusters are administered. The bundles produce,
 * and read metadata and offsets.
 */
const UNUSED_KAFKA_REQUESTS = [
  ...['fetch', 'joinGroup', 'syncGroup', 'heartbeat', 'leaveGroup', 'offsetCommit', 'deleteGroups'],
  ...['listGroups', 'describeGroups', 'createTopics', 'deleteTopics', 'deleteRecords', 'createPartitions'],
  ...['createAcls', 'deleteAcls', 'describeAcls', 'alterConfigs', 'describeConfigs'],
  ...['alterPartitionReassignments', 'listPartitionReassignments'],
  ...['addPartitionsToTxn', 'addOffsetsToTxn', 'endTxn', 'txnOffsetCommit'],
];

export const leftOut: readonly LeftOut[] = [
  {
    // 63 KB.
    module: modulePath('kafkajs/src/consumer/index\\.js'),
    reason: 'on AWS the event source consumes from Kafka, and invokes a function with what it has read',
  },
  {
    // 62 KB.
    module: modulePath(`kafkajs/src/protocol/requests/(${UNUSED_KAFKA_REQUESTS.join('|')})/index\\.js`),
    reason: 'no function sends this request to Kafka',
  },
  {
    // 34 KB.
    module: modulePath('bowser/bowser\\.mjs'),
    reason: 'a function runs in no browser whose name it could ask',
  },
  {
    // 18 KB.
    module: modulePath('zod/v4/core/(to-json-schema|json-schema-processors)\\.js'),
    reason: 'JSON Schemas are made where the API’s document is built, not in a function',
  },
];

/** zod's classes ask for their methods when they are made, and call them later. */
const MAKES_METHOD = /^create\w+Method$/;

/**
 * The source of a module whose exports all refuse to be called. What those return that make methods refuses in its turn.
 *
 * @param names Of the exports of an ES module; none of a CommonJS module, which is called itself or asked for its members.
 */
export function refusingModule(names: readonly string[], reason: string): string {
  const message = `Left out of the bundle, for ${reason} (infra/aws/bundle/left-out.ts).`;
  const refuse = `const refuse = () => { throw new Error(${JSON.stringify(message)}); };`;
  if (names.length === 0) return `${refuse} module.exports = new Proxy(refuse, { get: refuse });`;
  return `${refuse}
const makeRefusal = () => refuse;
export { ${names.map((name) => `${MAKES_METHOD.test(name) ? 'makeRefusal' : 'refuse'} as ${name}`).join(', ')} };`;
}
