// What epilog saw of a run that ended, kept as a note until its hold is settled: scontrol's EndTime wins
// over sacct's End, which a later requeue moves (burst.md 8.3), and only scontrol tells CPUs by node.

export interface RunNote {
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly cpusOnNode: Readonly<Record<string, number>>;
}

export function runNoteName(token: string): string {
  return `run:${token}`;
}

export function runNoteText(note: RunNote): string {
  return JSON.stringify(note);
}

/** Notes are written by runNoteText alone. */
export function parseRunNote(text: string | undefined): RunNote | undefined {
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as RunNote);
}
