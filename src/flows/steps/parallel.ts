/** At most `limit` works at a time, answers in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Map<number, R>();
  const waiting = items.entries();
  // Each worker takes the next item from one iterator.
  async function worker(): Promise<void> {
    for (const [at, item] of waiting) {
      answers.set(at, await work(item));
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return items.flatMap((_, at) => {
    const answer = answers.get(at);
    return answer === undefined ? [] : [answer];
  });
}
