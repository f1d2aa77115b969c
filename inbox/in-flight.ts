/** Many pieces of work on the engine, a bounded number of them under way at once. */

/** More in flight makes a development server slower, not faster (measured in bench/import). */
const IN_FLIGHT_MAX = 16;

export async function eachInFlight<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: IN_FLIGHT_MAX }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}
