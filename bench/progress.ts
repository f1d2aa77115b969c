/** What a person who waits for a bench sees, on stderr: the lines on stdout are results. */

const EVERY_MS = 30_000;

export function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}

/** Says how far it is, twice a minute, while something goes on. */
export async function whileSaying<T>(howFar: () => Promise<string>, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => void howFar().then(say, () => {}), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
