import type { NodeGroupSettings, Settings } from '../../config/settings.ts';
import { isRefused, type Refused } from '../../errors.ts';
import type { Rate } from '../../money/rate.ts';
import { type Candidate, candidatesOf, type Weighed } from '../candidates.ts';
import type { Catalog } from '../catalog.ts';
import type { EfaLevel } from '../constraint.ts';
import { applicationsOf } from './applications.ts';
import { type ReadDirectives, readDirectives } from './directives.ts';
import { type EfaChoice, efaChoice } from './efa-level.ts';
import { type FamilyChoice, familyChoice } from './families.ts';
import type { FiredRule } from './fired-rule.ts';
import { type Grouping, groupingOf, type Strategy } from './grouping.ts';
import { type AskedJob, type JobNumbers, jobNumbers } from './job-numbers.ts';
import { type MpiEvidence, mpiEvidence } from './mpi-rules.ts';

export interface AnalysisQuestion {
  /** '' when there is none to be read (salloc, srun, or slurmctld did not give it). */
  readonly script: string;
  /** Of a heterogeneous job, from 0; absent: it has but one. */
  readonly component?: number | undefined;
  readonly job: AskedJob;
  /** Where it is to run; undefined: not known. */
  readonly group?: NodeGroupSettings | undefined;
  /** Nodes to be launched now; absent: all of the job's. */
  readonly launching?: number | undefined;
  readonly mpi: Settings['mpi'];
  readonly catalog: Catalog;
  readonly rateOf: (group: NodeGroupSettings, instanceType: string) => Rate | undefined;
  /** What an execution plan says instead of the rules (burst.md 3.2). */
  readonly planned?: Planned | undefined;
}

export interface Planned {
  readonly isMpi?: boolean | undefined;
  readonly level?: EfaLevel | undefined;
  /** It says that EFA is not required. */
  readonly isNotRequired?: boolean | undefined;
  readonly grouping?: Strategy | 'none' | undefined;
  readonly gang?: boolean | undefined;
}

/** What a job is and how its nodes are best launched (burst.md 4.8). */
export interface Analysis {
  readonly isMpi: boolean;
  readonly confidence: number;
  readonly rules: readonly FiredRule[];
  readonly processes: number;
  readonly nodes: number;
  readonly cpusPerNode: number;
  readonly mibPerNode: number | undefined;
  readonly gpus: number;
  readonly efa: EfaChoice;
  readonly hpcPreference: boolean;
  readonly families: readonly string[];
  readonly weighed: readonly Weighed[];
  /** The preferred first. */
  readonly candidates: readonly Candidate[];
  readonly grouping: Grouping;
  readonly gang: boolean;
  readonly singleZone: boolean;
  /** One line a rule that fired, in the order of the rules. */
  readonly explain: readonly string[];
}

const DECIDES = 0.5;

/**
 * Same answer for the same question; nothing but the question is looked at. POLICY when the constraint
 * asks for two EFA levels.
 */
export function analyse(question: AnalysisQuestion): Analysis | Refused {
  const { script, job, group, mpi, planned = {} } = question;
  const directives = readDirectives(script, question.component);
  const numbers = jobNumbers(job, directives.asked, group);
  const evidence = mpiEvidence({
    script,
    jobName: numbers.name,
    nodes: numbers.nodes,
    ntasks: numbers.ntasks,
    cpusPerNode: numbers.cpusPerNode,
    applications: applicationsOf(mpi.applications),
  });
  const isMpi = planned.isMpi ?? (evidence.confidence > DECIDES && !numbers.isArrayTask);
  const efa = efaChoice({
    constraint: numbers.constraint,
    planned: planned.level,
    isNotRequired: planned.isNotRequired,
    isMpi,
    nodes: numbers.nodes,
    byDefault: mpi.efa_default,
  });
  return isRefused(efa) ? efa : decided(question, { directives, numbers, evidence, isMpi, efa });
}

interface Known {
  readonly directives: ReadDirectives;
  readonly numbers: JobNumbers;
  readonly evidence: MpiEvidence;
  readonly isMpi: boolean;
  readonly efa: EfaChoice;
}

function decided(question: AnalysisQuestion, known: Known): Analysis {
  const { mpi, planned = {} } = question;
  const { numbers, evidence, isMpi, efa } = known;
  const { nodes, cpusPerNode, mibPerNode } = numbers;
  const family = familyChoice({
    isMpi,
    nodes,
    gpus: numbers.gpusPerNode,
    level: efa.level,
    hpcPreference: evidence.hpcPreference,
    hpcThreshold: mpi.hpc_instances_threshold,
    mibPerCpu: mibPerNode === undefined ? undefined : mibPerNode / Math.max(1, cpusPerNode),
  });
  const { candidates, weighed } = weigh(question, family, efa);
  const grouping = groupingOf({
    nodes: (question.launching ?? nodes) < 2 ? 1 : nodes,
    isMpi,
    level: efa.level,
    planned: planned.grouping,
    configured: question.group?.placement_group ?? 'auto',
    candidates,
    threshold: mpi.placement_group_threshold,
    force: mpi.force_cluster_placement_group,
  });
  const gang = planned.gang ?? nodes > 1;
  const wantsEfa = efa.level === 'required' || efa.level === 'preferred';
  return {
    isMpi,
    confidence: evidence.confidence,
    rules: evidence.rules,
    processes: processesOf(numbers),
    nodes,
    cpusPerNode,
    mibPerNode,
    gpus: numbers.gpusPerNode,
    efa,
    hpcPreference: evidence.hpcPreference,
    families: family.families,
    weighed,
    candidates,
    grouping,
    gang,
    singleZone: gang && (wantsEfa || grouping.strategy === 'cluster'),
    explain: [
      ...evidence.rules.map(ruleLine),
      mpiLine(known, planned),
      ...known.directives.problems,
      `EFA ${efa.level}: ${efa.text}`,
      familyLine(family),
      ...weighed.map(
        ({ type, fits, reason }) => `${type} ${fits ? 'fits' : 'left out'}: ${reason}`,
      ),
      `${grouping.strategy ?? 'no'} placement group: ${grouping.reason}`,
    ],
  };
}

function weigh(
  { group, catalog, rateOf }: AnalysisQuestion,
  { families }: FamilyChoice,
  { level }: EfaChoice,
): { readonly candidates: readonly Candidate[]; readonly weighed: readonly Weighed[] } {
  return group === undefined
    ? { candidates: [], weighed: [] }
    : candidatesOf({
        group,
        rateOf: (type) => rateOf(group, type),
        catalog,
        wanted: { families, level },
      });
}

/** Tasks when they are known, else as many as the CPUs allow. */
function processesOf({ ntasks, nodes, cpusPerNode, cpusPerTask }: JobNumbers): number {
  return ntasks > 0 ? ntasks : nodes * Math.floor(cpusPerNode / cpusPerTask);
}

function ruleLine({ id, confidence, line, text }: FiredRule): string {
  return `${id} ${confidence}: ${text}${line === undefined ? '' : ` (line ${line})`}`;
}

function mpiLine({ evidence, isMpi, numbers }: Known, planned: Planned): string {
  const { confidence, rules } = evidence;
  const so = isMpi ? 'MPI' : 'not MPI';
  if (planned.isMpi !== undefined) {
    return `${so}: the execution plan`;
  }
  if (numbers.isArrayTask && confidence > DECIDES) {
    return 'not MPI: a task of a job array';
  }
  return rules.length === 0 ? 'not MPI: no rule fired' : `${so}: confidence ${confidence}`;
}

function familyLine({ families, text }: FamilyChoice): string {
  return families.length === 0 ? `types in ${text}` : `families ${families.join(', ')}: ${text}`;
}
