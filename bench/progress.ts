/** What a person who waits for a bench sees, on stderr: the lines on stdout are results. */

const EVERY_MS = 30_000;

export function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}

/** @returns the same, called through at most twice a minute */
export function everySoOften<Args extends unknown[]>(act: (...args: Args) => void): (...args: Args) => void {
  let last = performance.now();
  return (...args) => {
    if (performance.now() - last < EVERY_MS) return;
    last = performance.now();
    act(...args);
  };
}
