import { z } from 'zod';

/** Where a data set is. */
export type DatasetSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

const fileEvent = z
  .object({ file: z.string().min(1) })
  .transform(({ file }): DatasetSource => ({ kind: 'file', path: file }));

const s3Record = z.object({
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({ key: z.string().min(1) }),
  }),
});

/** S3 sends one record a notification, its key encoded as in a form: `+` stands for a space. */
const s3Event = z
  .object({ Records: z.tuple([s3Record]) })
  .transform(({ Records: [{ s3 }] }): DatasetSource => {
    return {
      kind: 's3',
      bucket: s3.bucket.name,
      key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
    };
  });

/** What invokes the ETL: `{"file": "<path>"}`, or an S3 notification. Gives where the data set is. */
export const etlEventSchema = z.union([fileEvent, s3Event], {
  error: 'The ETL takes {"file": "<path of a CSV>"} or an S3 notification of one record',
});
