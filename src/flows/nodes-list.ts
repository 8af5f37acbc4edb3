import { bootFailuresNote, parseBootFailures } from '../core/burst/boot-failures.ts';
import { breakersNote, opensUntil, parseBreakers } from '../core/burst/breakers.ts';
import { nodePlace } from '../core/burst/node-names.ts';
import { isLive, isOpenIntent } from '../core/burst/plan-launch.ts';
import { parseProtected, protectedNote } from '../core/burst/protected.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Refused } from '../core/errors.ts';
import type { InstanceRow, IntentRow } from '../core/ledger/rows.ts';
import { type Money, ZERO } from '../core/money/money.ts';
import { microsPerHour } from '../core/money/rate.ts';
import { isOver } from '../core/slurm/job-state.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { QueuedJob, Slurm, SlurmNode } from '../ports/slurm.ts';
import type { Clock } from '../ports/system.ts';
import { noBurstPartition } from './steps/burst-partition.ts';

export interface NodesListPorts {
  readonly ledger: Ledger;
  readonly slurm: Slurm;
  readonly clock: Clock;
  readonly settings: Settings;
}

export interface NodeFilter {
  readonly partition?: string | undefined;
  /** A base state or a flag, as SLURM spells it; any case. */
  readonly state?: string | undefined;
  /** Also those that are powered down and have nothing of ours. */
  readonly all?: boolean | undefined;
}

/** One burst node as SLURM and the ledger see it. */
export interface NodeRow {
  readonly node: string;
  readonly partition: string;
  /** `IDLE+CLOUD+POWERED_DOWN`. */
  readonly state: string;
  /** State of the newest intent, '' without. */
  readonly intent: string;
  readonly instanceId: string;
  /** State of the instance's row, '' without. */
  readonly instanceState: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: string;
  readonly address: string;
  readonly perHour: Money;
  /** Since the launch; undefined without an instance. */
  readonly ageSeconds: number | undefined;
  readonly jobIds: readonly number[];
  readonly reason: string;
}

export interface OpenBreaker {
  /** `type|zone|lifecycle`, `subnet|id`, `quota|region|lifecycle`. */
  readonly pool: string;
  readonly untilS: number;
}

export interface NodesList {
  readonly nodes: readonly NodeRow[];
  readonly breakers: readonly OpenBreaker[];
  /** Partitions that take no jobs because their nodes boot in vain (burst.md 9.7). */
  readonly protectedNow: readonly ProtectedPartition[];
}

export interface ProtectedPartition {
  readonly partition: string;
  readonly sinceS: number;
  readonly failures: number;
}

const MICROS_PER_SECOND = 1_000_000;

/** Burst nodes with what they run on (burst.md 1.3), and the breakers that are open (9.6). */
export async function listNodes(
  filter: NodeFilter,
  ports: NodesListPorts,
): Promise<NodesList | Refused> {
  const { slurm, ledger, settings } = ports;
  const unknown =
    filter.partition === undefined ? undefined : noBurstPartition(filter.partition, settings);
  if (unknown !== undefined) {
    return unknown;
  }
  const cluster = settings.slurm.cluster_name;
  const [nodes, queue, view] = await Promise.all([
    slurm.nodes(),
    slurm.queue(),
    ledger.read({
      fleet: { open: true },
      notes: [breakersNote(cluster), protectedNote(cluster), bootFailuresNote(cluster)],
    }),
  ]);
  const nowS = Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  const jobs = jobsByNode(queue);
  const intents = new Map(view.fleet.intents.map((intent) => [intent.intentId, intent]));
  const rows = new Map(view.fleet.instances.filter(isLive).map((row) => [row.node, row]));
  const coming = comingIntents(view.fleet.intents);
  const breakers = parseBreakers(view.notes[breakersNote(cluster)]);
  const failures = parseBootFailures(view.notes[bootFailuresNote(cluster)]);
  return {
    nodes: nodes.flatMap((node) => {
      const row = rows.get(node.name);
      const intent = row === undefined ? coming.get(node.name) : intents.get(row.intentId);
      const listed = nodeRow(
        node,
        { row, intent, jobIds: jobs.get(node.name) ?? [], nowS },
        settings,
      );
      return listed !== undefined && isWanted(listed, filter) ? [listed] : [];
    }),
    breakers: Object.entries(breakers).flatMap(([pool, breaker]) => {
      const untilS = opensUntil(breaker, nowS);
      return untilS === undefined ? [] : [{ pool, untilS }];
    }),
    protectedNow: Object.entries(parseProtected(view.notes[protectedNote(cluster)])).map(
      ([partition, sinceS]) => ({ partition, sinceS, failures: failures[partition] ?? 0 }),
    ),
  };
}

function comingIntents(intents: readonly IntentRow[]): ReadonlyMap<string, IntentRow> {
  return new Map(
    intents
      .filter((intent) => isOpenIntent(intent) && !intent.aborted)
      .flatMap((intent) => namesOf(intent.nodes).map((node) => [node, intent] as const)),
  );
}

function namesOf(nodeList: string): readonly string[] {
  const names = expandNodelist(nodeList, { unique: true });
  return isNodelistError(names) ? [] : names;
}

function jobsByNode(queue: readonly QueuedJob[]): ReadonlyMap<string, readonly number[]> {
  const jobs = new Map<string, number[]>();
  for (const job of queue.filter(({ state }) => !isOver(state))) {
    for (const node of namesOf(job.nodeList)) {
      jobs.set(node, [...(jobs.get(node) ?? []), job.jobId]);
    }
  }
  return jobs;
}

interface Known {
  readonly row: InstanceRow | undefined;
  readonly intent: IntentRow | undefined;
  readonly jobIds: readonly number[];
  readonly nowS: number;
}

function nodeRow(
  node: SlurmNode,
  { row, intent, jobIds, nowS }: Known,
  settings: Settings,
): NodeRow | undefined {
  const place = nodePlace(settings.slurm.partitions, node.name);
  return place === undefined
    ? undefined
    : {
        node: node.name,
        partition: place.partition,
        state: [node.state, ...node.flags].join('+'),
        intent: intent?.state ?? '',
        instanceId: row?.instanceId ?? '',
        instanceState: row?.state ?? '',
        instanceType: row?.instanceType ?? '',
        zone: row?.zone ?? '',
        lifecycle: row?.lifecycle ?? '',
        address: row?.address ?? '',
        perHour: row === undefined ? ZERO : microsPerHour(row.rate),
        ageSeconds: row === undefined ? undefined : Math.max(0, nowS - row.launchS),
        jobIds,
        reason: node.reason,
      };
}

function isWanted(row: NodeRow, { partition, state, all }: NodeFilter): boolean {
  const isInPartition = partition === undefined || row.partition === partition;
  const words = row.state.split('+');
  const hasState = state === undefined || words.includes(state.toUpperCase());
  const isQuiet = row.instanceId === '' && row.intent === '' && words.includes('POWERED_DOWN');
  return isInPartition && hasState && (all === true || state !== undefined || !isQuiet);
}
