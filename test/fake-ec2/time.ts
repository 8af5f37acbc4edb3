// Instants are microseconds since 1970 in a number (exact up to the year 2255).

export const SECOND_US = 1_000_000;

export function seconds(us: number): number {
  return Math.floor(us / SECOND_US);
}

/** `2026-01-01T00:00:00.000Z`, whole seconds taken down, as EC2 publishes its times. */
export function isoSeconds(us: number): string {
  return new Date(seconds(us) * 1000).toISOString();
}

/** `2026-01-01 00:00:00 GMT` of StateTransitionReason. */
export function gmt(us: number): string {
  return `${isoSeconds(us).slice(0, 19).replace('T', ' ')} GMT`;
}

export function parseIso(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms * 1000;
}
