import { spawnSync } from 'node:child_process';
import { formatInstant, parseInstant } from '../../core/slurm/instant.ts';
import { type Cluster, clockOf, look } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { type Print, tick } from '../engine/advance.ts';
import { nextEventUs } from '../engine/tick.ts';
import { type Option, parseOptions } from '../options.ts';
import { SECOND, seconds } from '../times.ts';
import { moveClock, readClock } from './fake-clock.ts';
import { unfired } from './faults.ts';

const RUN_OPTIONS: readonly Option[] = [
  { name: 'for', takes: 'value' },
  { name: 'until', takes: 'value' },
  { name: 'until-idle', takes: 'nothing' },
  { name: 'fake', takes: 'value' },
  { name: 'maintain', takes: 'value' },
];

const DURATION = /^([0-9]{1,9})(s|m|h|d)$/;
const RFC3339 = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?Z$/;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const NOTHING = Number.POSITIVE_INFINITY;
/** Idle means: so many rounds of maintain in which nothing happened. */
const QUIET_ROUNDS = 3;
const STEPS_MAX = 1_000_000;

interface Plan {
  readonly goalUs: number;
  readonly isUntilIdle: boolean;
  readonly socket: string | undefined;
  /** 0: never. */
  readonly maintainUs: number;
}

/** Plays virtual time: always to whatever is due next, here or in the fake cloud (emulator.md 2). */
export async function run(
  cluster: Cluster,
  args: readonly string[],
  print: Print,
): Promise<number> {
  const { options } = parseOptions('emulate run', args, RUN_OPTIONS);
  const plan = planOf(options, clockOf(cluster.conf));
  await tick(cluster, print); // what people did since the last one
  let quiet = 0;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const nowUs = clockOf(cluster.conf);
    const dueUs = await nextDueUs(cluster, plan);
    quiet = dueUs === NOTHING ? quiet + 1 : 0;
    const isIdle = plan.isUntilIdle && quiet > (plan.maintainUs === 0 ? 0 : QUIET_ROUNDS);
    if (isIdle || nowUs >= plan.goalUs) {
      return finish(cluster, plan);
    }
    const toUs = Math.max(nowUs, Math.min(dueUs, plan.goalUs, nextMaintainUs(nowUs, plan)));
    await moveTo(cluster, plan, toUs);
    await tick(cluster, print);
    if (plan.maintainUs > 0 && toUs % plan.maintainUs === 0) {
      maintain(cluster, print, toUs);
    }
  }
  throw new Complaint(`emulate run: not done after ${STEPS_MAX} steps`);
}

function planOf(options: ReadonlyMap<string, string>, nowUs: number): Plan {
  const span = options.get('for');
  const until = options.get('until');
  const goals = [span, until, options.get('until-idle')].filter((goal) => goal !== undefined);
  if (goals.length !== 1) {
    throw new Complaint('emulate run: one of --for, --until, --until-idle', 2);
  }
  const every = options.get('maintain');
  return {
    goalUs: goalOf(span, until, nowUs),
    isUntilIdle: options.has('until-idle'),
    socket: options.get('fake'),
    maintainUs: every === undefined ? 0 : durationOf(every),
  };
}

function goalOf(span: string | undefined, until: string | undefined, nowUs: number): number {
  if (span !== undefined) {
    return nowUs + durationOf(span);
  }
  if (until === undefined) {
    return NOTHING;
  }
  const instant = parseInstant(RFC3339.exec(until)?.[1] ?? '');
  if (typeof instant !== 'number') {
    throw new Complaint(`emulate run: --until takes 2026-01-05T09:00:00Z, not ${until}`, 2);
  }
  return instant * SECOND;
}

function durationOf(text: string): number {
  const [, count, unit = 's'] = DURATION.exec(text) ?? [];
  if (count === undefined) {
    throw new Complaint(`emulate run: not a duration: ${text} (60s, 10m, 2h)`, 2);
  }
  return Number(count) * (UNITS[unit] ?? 1) * SECOND;
}

async function nextDueUs(cluster: Cluster, { socket }: Plan): Promise<number> {
  const own = look(cluster, nextEventUs);
  const outside = socket === undefined ? NOTHING : (await readClock(socket)).nextUs;
  return Math.min(own, outside);
}

/** Full minutes, say, of virtual time, as cron would. */
function nextMaintainUs(nowUs: number, { maintainUs }: Plan): number {
  return maintainUs === 0 ? NOTHING : (Math.floor(nowUs / maintainUs) + 1) * maintainUs;
}

async function moveTo(cluster: Cluster, { socket }: Plan, toUs: number): Promise<void> {
  if (socket === undefined) {
    if (toUs > clockOf(cluster.conf)) {
      throw new Complaint('emulate run: the fake cloud owns the clock; give --fake SOCKET', 2);
    }
    return;
  }
  await moveClock(socket, toUs);
}

function maintain(cluster: Cluster, print: Print, atUs: number): void {
  const { self, env } = cluster.surroundings;
  const [program = '', ...words] = self;
  const begun = performance.now();
  const { status, stderr } = spawnSync(program, [...words, 'maintain'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  print({
    at: `${formatInstant(seconds(atUs))}Z`,
    program: 'maintain',
    exit: status ?? -1,
    ...(stderr === '' ? {} : { stderr: stderr.slice(0, 2000) }),
    ms: Math.round(performance.now() - begun),
  });
}

/** A fault that never fired fails the scenario. */
function finish(cluster: Cluster, { isUntilIdle }: Plan): number {
  const left = isUntilIdle ? unfired(cluster.store) : [];
  if (left.length > 0) {
    throw new Complaint(
      left.map((fault) => `fault never fired: ${JSON.stringify(fault)}`).join('\n'),
    );
  }
  return 0;
}
