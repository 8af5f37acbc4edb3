/** A rule of burst.md 4.2 that speaks for MPI, and where it found what. */
export interface FiredRule {
  readonly id: 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7';
  readonly confidence: number;
  /** Of the script; undefined: it stands in no line. */
  readonly line: number | undefined;
  readonly text: string;
}
