import type { SlurmNode } from '../../../src/ports/slurm.ts';
import type { EmulatedSite } from './emulated-site.ts';

// What SLURM itself shows of nodes and jobs that hang, by its own commands.

const MOMENT_S = 5;

/**
 * Nodes that hang, in words: read twice a moment apart, because slurmctld takes a second from a job's
 * allocation to its ResumeProgram. `isOver`: no job is left, so that a node must be off.
 */
export async function nodeSores(
  at: EmulatedSite,
  { isOver = false }: { readonly isOver?: boolean } = {},
): Promise<readonly string[]> {
  const before = new Set(await seenNow(at, isOver));
  if (before.size === 0) {
    return [];
  }
  await at.forward(MOMENT_S);
  return (await seenNow(at, isOver)).filter((sore) => before.has(sore));
}

async function seenNow(at: EmulatedSite, isOver: boolean): Promise<readonly string[]> {
  const nodes = (await at.cluster.slurm.nodes()).filter(({ flags }) => flags.includes('CLOUD'));
  const live = (await at.site.fake.live()).filter(({ state }) => state !== 'shutting-down');
  const carried = new Set(live.flatMap(({ tags }) => tags['SlurmNode'] ?? []));
  const { fleet } = await at.site.books.ledger.read({ fleet: { open: true } });
  const ids = new Set(live.map(({ id }) => id));
  const bound = new Set(
    fleet.instances
      .filter(
        ({ instanceId, state }) => ids.has(instanceId) && (state === 'bound' || state === 'ready'),
      )
      .map(({ node }) => node),
  );
  return [
    ...nodes.flatMap((node) => soreOf(node, { carried, bound, isOver }) ?? []),
    ...(await sinfoSores(at)),
  ];
}

interface Carried {
  /** Nodes with a live instance that is named after them. */
  readonly carried: ReadonlySet<string>;
  /** Nodes with a live instance that the ledger has bound to them. */
  readonly bound: ReadonlySet<string>;
  readonly isOver: boolean;
}

function soreOf(
  { name, state, flags, reason }: SlurmNode,
  { carried, bound, isOver }: Carried,
): string | undefined {
  const shown = `${name} is ${[state, ...flags].join('+')} (${reason})`;
  const isPowered = !(flags.includes('POWERED_DOWN') || flags.includes('POWERING_DOWN'));
  if (state === 'DOWN' || ['DRAIN', 'FAIL'].some((flag) => flags.includes(flag))) {
    return `${shown} and left so`;
  }
  if (isPowered && !(carried.has(name) && bound.has(name))) {
    return `${shown} without a bound instance`;
  }
  if (!isPowered && state !== 'IDLE') {
    return `${shown}: its job has no ResumeProgram`;
  }
  return isOver && !flags.includes('POWERED_DOWN') ? `${shown} after the last job` : undefined;
}

const BAD_MARK = /^(?:down|drain|drng|fail|failg)/u;

/** The same by another command: sinfo's states of nodes. */
async function sinfoSores({ cluster }: EmulatedSite): Promise<readonly string[]> {
  const text = await cluster.command('sinfo', '-h', '-N', '-p', 'aws', '-o', '%N %t');
  return text
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([, state = '']) => BAD_MARK.test(state))
    .map(([node, state]) => `sinfo: ${node} ${state}`);
}

const HELD_FOR = /asbb:last=[A-Za-z_.]+@\d+#\d+/u;

/** Jobs that neither have come to an end nor are held with the reason. */
export async function jobSores({ cluster }: EmulatedSite): Promise<readonly string[]> {
  const { jobs } = await cluster.state();
  return jobs.flatMap(({ id, state, reason, admin_comment: comment }) => {
    if (state === 'PENDING') {
      const isExplained = reason === 'JobHeldAdmin' && HELD_FOR.test(comment);
      return isExplained ? [] : [`job ${id} is PENDING for ${reason} (${comment})`];
    }
    return isEnd(state) ? [] : [`job ${id} is ${state}`];
  });
}

/** NODE_FAIL: of a job that may not be requeued (F13). */
function isEnd(state: string): boolean {
  return ['COMPLETED', 'CANCELLED', 'NODE_FAIL'].includes(state);
}
