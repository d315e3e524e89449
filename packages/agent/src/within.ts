// A thread inside a blocking native call answers only when that is over; nobody waits for it.
const answerMs = 500;

/** What a thread answers, or `undefined` when it has not come in time, or the thread has ended. */
export async function within<T>(promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), answerMs);
  });
  try {
    return await Promise.race([promise.catch(ignoreEnded), limit]);
  } finally {
    clearTimeout(timer);
  }
}

// A thread that ended meanwhile has nothing to say.
function ignoreEnded(error: unknown): undefined {
  if ((error as { code?: string }).code === 'EE_V8_CLOSED') return undefined;
  throw error;
}
