import { billedEnd } from './interval.ts';

/** Who pays for a stretch of an instance's life. A `budget` payer has no hold that could be charged. */
export type Payer =
  | { readonly kind: 'hold'; readonly holdId: number; readonly jobId: number }
  | {
      readonly kind: 'budget';
      readonly budgetId: number;
      readonly jobId: number;
      /** Where the cost arose, for the posting. */
      readonly partition: string;
      /** Begin of the key: `late:pool`, `late:<job>:<submit_s>:<restart>`, `late:<token>`. */
      readonly key: string;
    }
  | { readonly kind: 'nobody' };

/** A run of a job that had the node, as sacct tells it (times: what epilog noted wins). */
export interface NodeRun {
  /** Raw id: ties go to the lower one. */
  readonly jobId: number;
  readonly startS: number;
  /** Undefined: still running. */
  readonly endS: number | undefined;
  /** CPUs on this node. */
  readonly cpus: number;
  readonly payer: Payer;
}

export interface NodeLife {
  readonly launchS: number;
  /** Undefined: it runs on. */
  readonly endS: number | undefined;
  /** Who caused the launch: pays the boot, and everything when no job ever ran. */
  readonly cause: Payer;
  /** Who pays for idle time; absent: the job that ran last. */
  readonly idle?: Payer | undefined;
  readonly runs: readonly NodeRun[];
  /** The node serves one job at a time: a run ends at the latest when the next one starts. */
  readonly isExclusive: boolean;
}

export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
  /** In the order in which a remainder is given away; weights are positive. */
  readonly payers: readonly { readonly payer: Payer; readonly weight: number }[];
}

/**
 * Who pays when (burst.md 8.3): boot, jobs, idle time, fill-up to the first minute; without a gap from
 * launch to the billed end. Of an instance that runs on: up to `knownUntil`.
 */
export function stretchesOf(life: NodeLife): readonly Stretch[] {
  const { launchS, endS } = life;
  const until = endS ?? knownUntil(life);
  const runs = runsOn(life, until);
  const cuts = [...runs.flatMap((run) => [run.startS, run.endS]), until]
    .filter((at) => at > launchS && at <= until)
    .toSorted((a, b) => a - b);
  const stretches: Stretch[] = [];
  let fromS = launchS;
  for (const toS of new Set(cuts)) {
    stretches.push({ fromS, toS, payers: payersAt(life, runs, fromS) });
    fromS = toS;
  }
  return endS === undefined ? stretches : filledUp(life, runs, stretches);
}

/** Of a running instance: until the newest start on it, everything is known (burst.md 8.4). */
export function knownUntil({ launchS, runs }: NodeLife): number {
  return Math.max(launchS, ...runs.map(({ startS }) => startS));
}

interface Clipped extends NodeRun {
  readonly endS: number;
}

/** Runs that began on this very instance, clipped to it and to each other. */
function runsOn(life: NodeLife, until: number): readonly Clipped[] {
  const own = life.runs
    .filter(({ startS }) => startS >= life.launchS && startS < until)
    .toSorted((a, b) => a.startS - b.startS || a.jobId - b.jobId);
  return own.map((run) => {
    const next = own.find(
      (other) => other.startS > run.startS && (life.isExclusive || other.jobId === run.jobId),
    );
    return { ...run, endS: Math.min(run.endS ?? until, next?.startS ?? until, until) };
  });
}

function payersAt(life: NodeLife, runs: readonly Clipped[], at: number): Stretch['payers'] {
  const running = runs.filter((run) => run.startS <= at && run.endS > at);
  if (running.length > 0) {
    return merged(running);
  }
  const over = runs.filter((run) => run.startS <= at);
  const last = over.toSorted((a, b) => b.endS - a.endS || b.startS - a.startS)[0];
  if (last === undefined) {
    return [{ payer: life.cause, weight: 1 }];
  }
  return [{ payer: life.idle ?? last.payer, weight: 1 }];
}

/** By job id, then those who are no job; one entry a payer. */
function merged(running: readonly Clipped[]): Stretch['payers'] {
  const weights = new Map<string, { payer: Payer; jobId: number; weight: number }>();
  for (const { payer, jobId, cpus } of running) {
    const name = nameOf(payer);
    const known = weights.get(name);
    const weight = (known?.weight ?? 0) + Math.max(1, cpus);
    weights.set(name, { payer, weight, jobId: Math.min(jobId, known?.jobId ?? jobId) });
  }
  return [...weights.values()]
    .toSorted((a, b) => rankOf(a.payer) - rankOf(b.payer) || a.jobId - b.jobId)
    .map(({ payer, weight }) => ({ payer, weight }));
}

function nameOf(payer: Payer): string {
  switch (payer.kind) {
    case 'hold':
      return `hold ${payer.holdId}`;
    case 'budget':
      return `budget ${payer.budgetId} ${payer.key}`;
    case 'nobody':
      return 'nobody';
  }
}

function rankOf(payer: Payer): number {
  return payer.kind === 'nobody' ? 1 : 0;
}

/** The seconds up to the first minute belong to the owner of the last stretch. */
function filledUp(
  life: NodeLife,
  runs: readonly Clipped[],
  stretches: readonly Stretch[],
): readonly Stretch[] {
  const { launchS } = life;
  const billedS = billedEnd(launchS, life.endS ?? launchS);
  const last = stretches.at(-1);
  if (last === undefined) {
    return [{ fromS: launchS, toS: billedS, payers: payersAt(life, runs, launchS) }];
  }
  return [...stretches.slice(0, -1), { ...last, toS: Math.max(last.toS, billedS) }];
}
