import * as z from 'zod';

/** Where a data set is. */
export type DatasetSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

const fileEvent = z
  .object({ file: z.string().min(1) })
  .transform(({ file }): DatasetSource => ({ kind: 'file', path: file }));

/** What EventBridge tells of an object that was put into a bucket; other than S3's own notifications, its key is plain. */
const objectCreated = z
  .object({
    'detail-type': z.literal('Object Created'),
    detail: z.object({
      bucket: z.object({ name: z.string().min(1) }),
      object: z.object({ key: z.string().min(1) }),
    }),
  })
  .transform(({ detail: { bucket, object } }): DatasetSource => {
    return { kind: 's3', bucket: bucket.name, key: object.key };
  });

/** A deployment asks for the schema alone: the code that follows needs it, whatever is loaded. */
const emptyEvent = z.strictObject({}).transform(() => ({ kind: 'schema' as const }));

/** What invokes the ETL: `{"file": "<path>"}`, an object that was created in S3, or `{}`. Gives what to load. */
export const etlEventSchema = z.union([fileEvent, objectCreated, emptyEvent], {
  error:
    'The ETL takes {"file": "<path of a CSV>"}, an "Object Created" event of S3, or {} for the schema alone',
});
