/** What one launch call is about; the same step has the same token, whoever repeats it (burst.md 5.7). */
export interface LaunchPlace {
  readonly cluster: string;
  /** Token of the hold, or `pool:` and the compressed nodelist for nodes without a job. */
  readonly holdToken: string;
  readonly attempt: number;
  readonly rung: number;
  readonly batch: number;
  readonly nodeGroup: string;
}

/** Unit separator: stands in no SLURM name, so two places never give one text. */
const SEPARATOR = '\u001f';
const HEX_DIGITS = 40;

/** ClientToken of EC2: at most 64 ASCII characters. `sha256` gives lower-case hex. */
export function clientToken(place: LaunchPlace, sha256: (text: string) => string): string {
  const { cluster, holdToken, attempt, rung, batch, nodeGroup } = place;
  const text = [cluster, holdToken, attempt, rung, batch, nodeGroup].join(SEPARATOR);
  return `asbb-${sha256(text).slice(0, HEX_DIGITS)}`;
}

/** Stands in place of the hold's token for nodes that no job asked for. */
export function poolToken(compressedNodes: string): string {
  return `pool:${compressedNodes}`;
}
