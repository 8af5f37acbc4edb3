/** What `sbatch --array` names: task ids in ascending order, each once. */
export interface ArrayTasks {
  readonly tasks: readonly number[];
  /** `%n`: at most so many tasks run at a time. */
  readonly throttle?: number;
}

/** slurm.conf(5) MaxArraySize: its own upper bound. */
const TASK_MAX = 4_000_001;

const THROTTLED = /^([^%]*)(?:%([0-9]{1,9}))?$/;
const PART = /^([0-9]{1,7})(?:-([0-9]{1,7})(?::([0-9]{1,7}))?)?$/;

/** `1-5:2`, `0,7-9`, `1-10%2`; undefined when it is none of these, or an id is not below `sizeMax`. */
export function parseArray(text: string, sizeMax: number = TASK_MAX): ArrayTasks | undefined {
  const [, list, throttle] = THROTTLED.exec(text) ?? [];
  if (list === undefined || throttle === '0') {
    return undefined;
  }
  const parts = list.split(',').map((part) => parsePart(part, sizeMax));
  const tasks = new Set<number>();
  for (const part of parts) {
    if (part === undefined) {
      return undefined;
    }
    for (let task = part.first; task <= part.last; task += part.step) {
      tasks.add(task);
    }
  }
  const sorted = [...tasks].toSorted((a, b) => a - b);
  return throttle === undefined ? { tasks: sorted } : { tasks: sorted, throttle: Number(throttle) };
}

/** How many tasks `--array` names, without making a list of up to four million; undefined as above. */
export function arrayTaskCount(text: string): number | undefined {
  const [, list] = THROTTLED.exec(text) ?? [];
  const parts = (list ?? '').split(',').map((part) => parsePart(part, TASK_MAX));
  const seen = new Uint8Array(parts.length > 1 ? TASK_MAX : 0);
  let count = 0;
  for (const part of parts) {
    if (part === undefined) {
      return undefined;
    }
    count += parts.length === 1 ? sizeOf(part) : mark(seen, part);
  }
  return count;
}

/** Ranges as squeue and scontrol show them: `1-3,7`. */
export function formatTasks(tasks: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const task of tasks) {
    const range = ranges.at(-1);
    if (range?.last === task - 1) {
      range.last = task;
    } else {
      ranges.push({ first: task, last: task });
    }
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function parsePart(text: string, sizeMax: number): Part | undefined {
  const [, low, high, by] = PART.exec(text) ?? [];
  const first = Number(low);
  const last = high === undefined ? first : Number(high);
  const step = by === undefined ? 1 : Number(by);
  return low === undefined || last < first || last >= sizeMax || step < 1
    ? undefined
    : { first, last, step };
}

function sizeOf({ first, last, step }: Part): number {
  return Math.floor((last - first) / step) + 1;
}

/** How many of the part's ids had not been seen. */
function mark(seen: Uint8Array, { first, last, step }: Part): number {
  let fresh = 0;
  for (let task = first; task <= last; task += step) {
    fresh += seen[task] === 0 ? 1 : 0;
    seen[task] = 1;
  }
  return fresh;
}
