/**
 * Runs `work` over items that are made on the way, at most `parallel` at once. After an error nothing more is started, and
 * the error is thrown once everything under way has ended: no write lands after its publish has failed.
 */
export async function eachInParallel<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const run = async (): Promise<void> => {
    while (failures.length === 0) {
      try {
        const step = iterator.next();
        if (step.done === true) return;
        await work(step.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, run));
  if (failures.length > 0) throw failures[0];
}
