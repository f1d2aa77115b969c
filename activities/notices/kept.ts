/** What is the same for many recipients is made once, and forgotten soon: it may be large. */

const KEPT_MS = 60_000;

/** Remembers the last answer by its key for a minute; one that failed is asked for again. */
export function keepLast<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  let kept: { readonly key: string; readonly made: Promise<T> } | undefined;
  return (key, make) => {
    if (kept?.key === key) return kept.made;
    const fresh = { key, made: make() };
    const forget = () => {
      if (kept === fresh) kept = undefined;
    };
    kept = fresh;
    fresh.made.catch(forget);
    setTimeout(forget, KEPT_MS).unref();
    return fresh.made;
  };
}
