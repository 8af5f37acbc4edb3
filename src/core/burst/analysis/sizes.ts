import { parseGres } from '../job-shape.ts';

// The values of sbatch's options that analysis needs (burst.md 4.1).

const MEMORY = /^([0-9]{1,12})([KMGT]?)B?$/iu;
const KIB_PER_MIB = 1024;
const MIB: Readonly<Record<string, number>> = { '': 1, M: 1, G: 1024, T: 1024 * 1024 };

/** `N[KMGT][B]` in MiB, without a unit MiB; K is rounded up. Undefined when it is no such text. */
export function parseMemoryOption(text: string): number | undefined {
  const [, digits, unit = ''] = MEMORY.exec(text) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  const count = Number(digits);
  const factor = MIB[unit.toUpperCase()];
  return factor === undefined ? Math.ceil(count / KIB_PER_MIB) : count * factor;
}

const GPU_PART = /^(?:[A-Za-z][A-Za-z0-9_.-]*:)?([0-9]{1,6})$/u;

/** `--gpus`, `--gpus-per-node`: `2`, `tesla:2`, a list of them. */
export function parseGpus(text: string): number | undefined {
  const counts = text.split(',').map((part) => GPU_PART.exec(part)?.[1]);
  return counts.includes(undefined)
    ? undefined
    : counts.reduce((total, count) => total + Number(count), 0);
}

/** GPUs of a `--gres` list, all types together: `gpu` is one. */
export function gpusOfGres(text: string): number | undefined {
  return parseGres(text, 'node')
    ?.filter(({ name }) => isGpu(name))
    .reduce((total, { count }) => total + count, 0);
}

export function isGpu(gresName: string): boolean {
  return gresName === 'gpu' || gresName.startsWith('gpu:');
}

const NODES = /^([0-9]{1,6})(?:-[0-9]{1,6})?$/u;
const COUNT = /^[0-9]{1,9}$/u;

/** `4`, `4-8`: the least of them. */
export function parseNodeCount(text: string): number | undefined {
  const least = NODES.exec(text)?.[1];
  return least === undefined ? undefined : Number(least);
}

export function parseWhole(text: string): number | undefined {
  return COUNT.test(text) ? Number(text) : undefined;
}
