/**
 * Waits for work until a deadline. The work itself continues after the deadline, and its outcome is ignored.
 *
 * @param milliseconds How long to wait.
 * @throws the error that `late` creates, once the deadline has passed, or that of the work.
 * @example await withDeadline(2_000, probe(), () => new Error('The server did not answer within 2 s.'))
 */
export async function withDeadline<Result>(
  milliseconds: number,
  work: Promise<Result>,
  late: () => Error,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
