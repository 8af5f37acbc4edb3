import type { Settings } from '../config/settings.ts';
import { formatInstant } from '../slurm/instant.ts';
import { isDrained, type NodeFacts } from './reconcile-facts.ts';
import type { Act, InstanceKind, NodeKind } from './reconcile-table.ts';

// What EC2 says beforehand of an instance that still runs: its hardware fails, a person of AWS will
// stop it, spot capacity is taken back (burst.md 9.3, 9.4). Beside the table, never against it.

export interface NodeNews {
  /** Since when a status check fails; undefined: none does. */
  readonly impairedS?: number | undefined;
  /** `instance-retirement`, … and when. */
  readonly event?: { readonly code: string; readonly atS: number } | undefined;
  /** When EC2 takes the spot instance back. */
  readonly spotS?: number | undefined;
}

/** Impaired for less may pass by itself; nor is a slurmd that has just started judged (PC's numbers). */
const HEALTH_CHECK_S = 180;

/** Events after which the instance is not what it was (DescribeInstanceStatus, event.code). */
export const GRAVE_EVENTS = [
  'instance-reboot',
  'system-reboot',
  'system-maintenance',
  'instance-retirement',
  'instance-stop',
] as const;

export interface NewsFacts {
  readonly nowS: number;
  readonly node: NodeFacts;
  readonly kind: NodeKind;
  readonly instance: InstanceKind;
  readonly news: NodeNews;
  /** burst.spot_notice */
  readonly policy: NonNullable<Settings['burst']['spot_notice']>;
  /** Its jobs have been told of this notice in an earlier run. */
  readonly isTold: boolean;
}

export interface NewsActs {
  readonly acts: readonly Act[];
  /** Why it is drained: Reason of the node. */
  readonly reason: string;
}

const UP: ReadonlySet<NodeKind> = new Set(['up, idle', 'up, job running', 'completing long']);

/** What is due because of them; undefined: nothing. */
export function newsActs(facts: NewsFacts): NewsActs | undefined {
  const { news, kind } = facts;
  if (facts.instance !== 'registered' && facts.instance !== 'young') {
    return undefined; // it never registered, or it is over: the table has the word
  }
  if (news.spotS !== undefined) {
    return spotActs(facts, news.spotS);
  }
  if (isImpaired(facts)) {
    return impairedActs(facts);
  }
  return news.event === undefined || !UP.has(kind)
    ? undefined
    : drained(facts, `asbb: ec2 event ${news.event.code}`);
}

function isImpaired({ news, node, nowS }: NewsFacts): boolean {
  const { impairedS } = news;
  const isLong = impairedS !== undefined && nowS - impairedS >= HEALTH_CHECK_S;
  const isFresh = node.slurmdStartS !== undefined && nowS - node.slurmdStartS < HEALTH_CHECK_S;
  return isLong && !isFresh;
}

const ENDED: readonly Act[] = ['terminate', 'power down', 'close'];
const HEALTH = 'asbb: ec2 health';

/** At once when SLURM does not reach it either; a job is waited for. */
function impairedActs(facts: NewsFacts): NewsActs | undefined {
  switch (facts.kind) {
    case 'down':
    case 'up, idle':
      return { acts: ENDED, reason: HEALTH };
    case 'up, job running':
    case 'completing long':
      return drained(facts, HEALTH);
    default:
      return undefined;
  }
}

/** No new work; the job is told as burst.spot_notice says, once. */
function spotActs(facts: NewsFacts, spotS: number): NewsActs | undefined {
  const { kind, policy, isTold } = facts;
  if (!UP.has(kind)) {
    return undefined;
  }
  const told: readonly Act[] =
    kind === 'up, job running' && !isTold && policy !== 'wait' ? [policy] : [];
  const own = isDrained(facts.node) ? [] : (['drain'] as const);
  const acts = [...own, ...told];
  return acts.length === 0
    ? undefined
    : { acts, reason: `asbb: spot interruption at ${formatInstant(spotS)}Z` };
}

function drained(facts: NewsFacts, reason: string): NewsActs | undefined {
  return isDrained(facts.node) ? undefined : { acts: ['drain'], reason };
}
