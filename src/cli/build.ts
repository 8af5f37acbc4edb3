/** Stated by packaging/build.mjs; absent when the source runs unbundled. */
declare const ASBB_VERSION: string | undefined;
declare const ASBB_COMMIT: string | undefined;
declare const ASBB_BUILD_TIME: string | undefined;

/** What this executable was made of. */
export const build = {
  version: typeof ASBB_VERSION === 'undefined' ? '0.0.0-source' : ASBB_VERSION,
  commit: typeof ASBB_COMMIT === 'undefined' ? 'unknown' : ASBB_COMMIT,
  time: typeof ASBB_BUILD_TIME === 'undefined' ? 'unknown' : ASBB_BUILD_TIME,
} as const;

/** `asbb --version`: other tools read the whole line (budget.md 2.1). */
export function versionLine(): string {
  return `asbb version aws-slurm-burst-budget ${build.version} (${build.commit})`;
}

/** Bun calls itself Node for compatibility; its own name tells. */
export function runtimeName(): string {
  const { bun } = process.versions;
  return bun === undefined ? `node ${process.version}` : `bun v${bun}`;
}
