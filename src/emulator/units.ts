const DIVISOR = 1024;
const SUFFIXES = ['M', 'G', 'T', 'P', 'E'];

/** `100M`, `1G`, `62.50G`: SLURM goes to the next unit while nothing finer than a half is lost. */
export function showMebibytes(mib: number): string {
  let value = mib;
  let unit = 0;
  while (
    value >= DIVISOR &&
    Math.floor(value) % (DIVISOR / 2) === 0 &&
    unit < SUFFIXES.length - 1
  ) {
    value /= DIVISOR;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(2)}${SUFFIXES[unit]}`;
}

const SIZE = /^([0-9]{1,12})(K|M|G|T)?B?$/i;
const FACTORS: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1_048_576 };

/** MiB of `500`, `2G`, `512M`, `1T`; undefined when it is none. */
export function parseMebibytes(text: string): number | undefined {
  const [, digits, suffix] = SIZE.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Math.ceil(Number(digits) * (FACTORS[(suffix ?? 'M').toUpperCase()] ?? 1));
}

const GRES =
  /^(?:gres[:/])?gpu(?::([A-Za-z0-9_.-]*[A-Za-z_.-][A-Za-z0-9_.-]*))?(?::([0-9]{1,4}))?$/;

export interface Gpus {
  readonly type: string;
  readonly count: number;
}

/** `gpu`, `gpu:2`, `gpu:a100:2`; undefined for anything else. */
export function parseGpus(text: string): Gpus | undefined {
  const found = GRES.exec(text);
  return found === null
    ? undefined
    : { type: found[1] ?? '', count: found[2] === undefined ? 1 : Number(found[2]) };
}
