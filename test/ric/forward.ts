/** A handler for the local host: sends each event to the function in its own process and returns that one's response. */
import * as z from 'zod';

const functionError = z.object({ errorType: z.string(), errorMessage: z.string() });

export async function handler(event: unknown): Promise<unknown> {
  const response = await fetch(z.url().parse(process.env.RIC_URL), {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const payload: unknown = await response.json();
  if (response.ok) return payload;
  const { errorType, errorMessage } = functionError.parse(payload);
  throw Object.assign(new Error(errorMessage), { name: errorType });
}
