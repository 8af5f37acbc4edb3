interface Rows {
  readonly older: readonly number[];
  readonly above: readonly number[];
}

/** Two letters changed places: one step from two rows and two columns before. */
function swapped(a: string, b: string, row: number, column: number): boolean {
  return row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
}

function nextRow(a: string, b: string, row: number, { older, above }: Rows): readonly number[] {
  const current = [row];
  for (let column = 1; column <= b.length; column += 1) {
    const changed = (above[column - 1] ?? 0) + Number(a[row - 1] !== b[column - 1]);
    const shifted = Math.min(above[column] ?? 0, current[column - 1] ?? 0) + 1;
    const swap = swapped(a, b, row, column) ? (older[column - 2] ?? 0) + 1 : changed;
    current.push(Math.min(changed, shifted, swap));
  }
  return current;
}

/** How many letters must change, go or come; two swapped neighbours count once (Damerau). */
function distance(a: string, b: string): number {
  let rows: Rows = { older: [], above: Array.from({ length: b.length + 1 }, (_, at) => at) };
  for (let row = 1; row <= a.length; row += 1) {
    rows = { older: rows.above, above: nextRow(a, b, row, rows) };
  }
  return rows.above[b.length] ?? 0;
}

/** Less than one step for the longest word. */
const CAPITALS = 0.001;

/** The known word that was probably meant: at most a third of its letters differ. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, 64);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    // Of names that differ in their capitals alone the one that is written alike.
    const far =
      distance(wanted, candidate.toLowerCase()) + CAPITALS * distance(word.slice(0, 64), candidate);
    if (far < least && Math.floor(far) <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      least = far;
    }
  }
  return best;
}
