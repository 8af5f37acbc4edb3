const COUNT = /^([0-9]{1,15}(?:\.[0-9]{1,6})?)([KMGTP]?)$/;
const NAME = /^[A-Za-z][A-Za-z0-9_/:.-]*$/;
const POWERS = ['', 'K', 'M', 'G', 'T', 'P'];
const MEBI = 2;
const STEP = 1024;

/** A number as SLURM writes it: 1500, `2K` (= 2048), `1.5G`. Undefined when it is none. */
export function parseCount(text: string): number | undefined {
  const [, value, unit = ''] = COUNT.exec(text) ?? [];
  return value === undefined ? undefined : Math.round(Number(value) * STEP ** POWERS.indexOf(unit));
}

/** `100M`, `4G`, `0`, `4000` in MiB, rounded up; without a unit it is MiB. Undefined when none of these. */
export function parseMemory(text: string): number | undefined {
  const [, value, unit = ''] = COUNT.exec(text) ?? [];
  if (value === undefined) {
    return undefined;
  }
  const power = unit === '' ? MEBI : POWERS.indexOf(unit);
  return Math.ceil(Number(value) * STEP ** (power - MEBI));
}

/**
 * `billing=8,cpu=8,mem=800M,node=2,gres/gpu=1` as numbers; memory in MiB, everything else counted.
 * Undefined when any part is not `name=number`. An empty text is an empty list.
 */
export function parseTres(text: string): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>();
  for (const part of text.split(',').filter((entry) => entry !== '')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    const value = part.slice(at + 1);
    const count = name === 'mem' ? parseMemory(value) : parseCount(value);
    if (!NAME.test(name) || count === undefined) {
      return undefined;
    }
    counts.set(name, count);
  }
  return counts;
}
