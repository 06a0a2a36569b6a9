import * as z from 'zod';

/** Where the simulation's state is. The server's address is the AWS SDK's own setting, `AWS_ENDPOINT_URL_DYNAMODB`. */
export const tableSettings = z.object({ TABLE_NAME: z.string().min(3).max(255) });
