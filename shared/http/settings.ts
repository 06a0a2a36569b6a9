import { z } from 'zod';

/** The token that routes of `access: 'token'` ask for; none or an empty one leaves them open. */
export const apiTokenSettings = z.object({ API_TOKEN: z.string().default('') });
