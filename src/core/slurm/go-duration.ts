const MINUTE = 60;
const HOUR = 3600;

/** Whole seconds as Go prints a time.Duration: `2h15m0s`, `3m20s`, `0s`. */
export function goDuration(seconds: number): string {
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  const rest = `${seconds % MINUTE}s`;
  if (hours > 0) {
    return `${hours}h${minutes}m${rest}`;
  }
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
