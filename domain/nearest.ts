/** What was probably meant by a word that is not in a closed list. Pure. */

/** The word of a list that is nearest to one, or null where none is near: at most two letters of five wrong. */
export function nearest(word: string, words: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.round(word.length * 0.4)) + 1;
  for (const each of words) {
    const distance = editDistance(plain(word), plain(each));
    if (distance < least) {
      best = each;
      least = distance;
    }
  }
  return best;
}

/** Capitals, hyphens and spaces are not what distinguishes words here. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-\s]/g, '_');
}

/** How many letters are missing, added, changed or swapped with the next one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : changed;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, changed, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
