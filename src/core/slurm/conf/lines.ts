import { EFA_FEATURES } from '../../burst/constraint.ts';
import type { NodeGroupSettings, PartitionSettings, Settings } from '../../config/settings.ts';
import { parseTimeLimit } from '../time-limit.ts';

/** `aws-cpu-[001-100]`: the nodes that slurm.conf declares for a group (burst.md 2.3). */
export function nodeRange(partition: PartitionSettings, group: NodeGroupSettings): string {
  const { max_nodes, first_index, node_digits } = group;
  const prefix = `${partition.partition_name}-${group.node_group_name}-`;
  const first = String(first_index).padStart(node_digits, '0');
  const last = String(first_index + max_nodes - 1).padStart(node_digits, '0');
  return max_nodes === 1 ? `${prefix}${first}` : `${prefix}[${first}-${last}]`;
}

/** The wrapper of another hook lies beside that of resume. */
export function wrapperBeside(resumeProgram: string, name: string): string {
  return `${resumeProgram.slice(0, resumeProgram.lastIndexOf('/') + 1)}${name}`;
}

const FEATURES = ['feature', 'features'];

/** What the group declares, and the words that --constraint may use for EFA (burst.md 4.4). */
export function featuresOf({ slurm_specifications }: NodeGroupSettings): readonly string[] {
  const own = Object.entries(slurm_specifications)
    .filter(([name]) => FEATURES.includes(name.toLowerCase()))
    .flatMap(([, value]) => value.split(','))
    .map((feature) => feature.trim())
    .filter((feature) => feature !== '');
  return [...new Set([...own, ...EFA_FEATURES])];
}

function nodeLine(partition: PartitionSettings, group: NodeGroupSettings): string {
  const own = Object.entries(group.slurm_specifications)
    .filter(([name]) => ![...FEATURES, 'state', 'nodename'].includes(name.toLowerCase()))
    .map(([name, value]) => `${name}=${value}`);
  return [
    `NodeName=${nodeRange(partition, group)}`,
    ...own,
    `Feature=${featuresOf(group).join(',')}`,
    'State=CLOUD',
  ].join(' ');
}

const AN_HOUR = '01:00:00';
const SECONDS_PER_HOUR = 3600;

/** What jobs without --time are priced for: an hour, or the partition's MaxTime where that is less. */
function defaultTime({ partition_options }: PartitionSettings): string {
  const [, most = ''] =
    Object.entries(partition_options).find(([name]) => name.toLowerCase() === 'maxtime') ?? [];
  const limit = parseTimeLimit(most);
  return typeof limit === 'number' && limit < SECONDS_PER_HOUR ? most : AN_HOUR;
}

function partitionLine(partition: PartitionSettings): string {
  const nodes = partition.node_groups.map((group) => nodeRange(partition, group));
  const given = Object.entries(partition.partition_options);
  const names = given.map(([name]) => name.toLowerCase());
  return [
    `PartitionName=${partition.partition_name}`,
    `Nodes=${nodes.join(',')}`,
    ...given.map(([name, value]) => `${name}=${value}`),
    ...(names.includes('defaulttime') ? [] : [`DefaultTime=${defaultTime(partition)}`]),
    ...(names.includes('oversubscribe') ? [] : ['OverSubscribe=EXCLUSIVE']),
    ...(names.includes('state') ? [] : ['State=UP']),
  ].join(' ');
}

function hasGres({ slurm }: Settings): boolean {
  return slurm.partitions.some(({ node_groups }) =>
    node_groups.some(({ slurm_specifications }) =>
      Object.keys(slurm_specifications).some((name) => name.toLowerCase() === 'gres'),
    ),
  );
}

/** Single parameters, in the order they are printed (burst.md 7.7). */
function confSettings(settings: Settings): readonly (readonly [string, string])[] {
  const { slurm } = settings;
  const resume = slurm.resume_program;
  return [
    ['ClusterName', slurm.cluster_name],
    ['ResumeProgram', resume],
    ['SuspendProgram', slurm.suspend_program],
    ['ResumeFailProgram', wrapperBeside(resume, 'resume-fail')],
    ['EpilogSlurmctld', wrapperBeside(resume, 'epilog')],
    ['JobSubmitPlugins', 'lua'],
    ['ResumeRate', String(slurm.resume_rate)],
    ['SuspendRate', String(slurm.suspend_rate)],
    ['ResumeTimeout', String(slurm.resume_timeout)],
    ['SuspendTimeout', String(slurm.suspend_timeout)],
    ['SuspendTime', String(slurm.suspend_time)],
    ['PrivateData', 'cloud'],
    ['SlurmctldParameters', 'idle_on_node_suspend,cloud_reg_addrs'],
    ['ReturnToService', '2'],
    ['TreeWidth', String(slurm.tree_width)],
    ['JobRequeue', '1'],
    ['AccountingStorageEnforce', 'associations'],
    ['JobAcctGatherType', 'jobacct_gather/linux'],
    ...(hasGres(settings)
      ? ([
          ['GresTypes', 'gpu'],
          ['AccountingStorageTRES', 'gres/gpu'],
        ] as const)
      : []),
  ];
}

/** What `asbb slurm conf` prints: what slurm.conf needs for the burst partitions. */
export function slurmConfText(settings: Settings): string {
  const { partitions } = settings.slurm;
  return [
    `# asbb: what burst partitions need in slurm.conf, from ${settings.source || 'the defaults'}.`,
    '# Where a parameter stands in the file already, keep one of the two. The programs are bare paths:',
    '# SLURM takes the whole value as a path, arguments included. After a change: scontrol reconfigure;',
    '# plugins and parts of SlurmctldParameters need a restart of slurmctld.',
    ...confSettings(settings).map(([name, value]) => `${name}=${value}`),
    ...partitions.flatMap((partition) => [
      ...partition.node_groups.map((group) => nodeLine(partition, group)),
      partitionLine(partition),
    ]),
    '',
  ].join('\n');
}
