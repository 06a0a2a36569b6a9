import * as z from 'zod';

/** How a function reaches Kafka. */
export const kafkaSettings = z.object({
  /** `host:port`, separated by commas. */
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim())),
  KAFKA_TOPIC: z.string().regex(/^[\w.-]{1,249}$/),
  /** The group whose lag is the pipeline's. */
  KAFKA_CONSUMER_GROUP: z.string().min(1),
  /** `iam`: as the function's role, over TLS, as on MSK. */
  KAFKA_AUTH: z.enum(['none', 'iam']).optional(),
});
export type KafkaSettings = z.infer<typeof kafkaSettings>;
