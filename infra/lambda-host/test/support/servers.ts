/** The servers that the integration tests need. The setup that runs the tests starts them and calls vitest's `provide('hostServers', …)`. */
export interface HostServers {
  /** A DynamoDB with streams, such as `http://127.0.0.1:8000`. Each test uses an access key of its own. */
  readonly dynamodbEndpoint: string;
  /** `host:port`, separated by commas. Each test uses a topic of its own. */
  readonly kafkaBrokers: string;
  readonly region: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    hostServers: HostServers;
  }
}
