import type { Settings } from '../../config/settings.ts';
import { wordsOf } from './file.ts';
import { type Checked, type Finding, finding, type Severity } from './finding.ts';
import { wrapperBeside } from './lines.ts';

type Value = string | undefined;

interface ParameterRule {
  readonly name: string;
  readonly severity: Severity;
  readonly wanted: (settings: Settings) => string;
  /** What slurmctld does without the parameter counts too. */
  readonly holds: (value: Value, settings: Settings) => boolean;
  readonly because: string;
}

const WHOLE = /^-?[0-9]+$/u;
const BLANK = /\s/u;

function number(value: Value, preset: number): number {
  return value === undefined || !WHOLE.test(value) ? preset : Number(value);
}

function longestBoot({ slurm }: Settings): number {
  const groups = slurm.partitions.flatMap(({ node_groups }) => node_groups);
  return Math.max(0, ...groups.map(({ boot_timeout }) => boot_timeout));
}

const CTLD = 'idle_on_node_suspend,cloud_reg_addrs';
const ENFORCING = ['associations', 'limits', 'qos', 'safe', 'all', '1', '2'];

function isEnforcing(value: Value): boolean {
  return wordsOf(value).some((word) => ENFORCING.includes(word));
}

/** Whether SLURM itself refuses accounts that are not the user's (slurm.conf(5) AccountingStorageEnforce). */
export function enforcesAssociations(config: Readonly<Record<string, string>>): boolean {
  return isEnforcing(config['AccountingStorageEnforce']);
}

/** burst.md 7.7, slurm.conf(5); the numbers in `number` are SLURM's own defaults. */
const RULES: readonly ParameterRule[] = [
  {
    name: 'ClusterName',
    severity: 'error',
    wanted: ({ slurm }) => slurm.cluster_name,
    holds: (value, { slurm }) =>
      (value ?? 'cluster').toLowerCase() === slurm.cluster_name.toLowerCase(),
    because: 'job ids of this cluster would be taken for those of another',
  },
  {
    name: 'ResumeRate',
    severity: 'error',
    wanted: ({ slurm }) => String(slurm.resume_rate),
    holds: (value, { slurm }) => number(value, 300) === slurm.resume_rate,
    because: 'any other rate makes SLURM split a gang over several ResumeProgram calls',
  },
  {
    name: 'SuspendRate',
    severity: 'warning',
    wanted: ({ slurm }) => String(slurm.suspend_rate),
    holds: (value, { slurm }) => number(value, 60) === slurm.suspend_rate,
    because: 'nodes are given back later than the configuration says',
  },
  {
    name: 'ResumeTimeout',
    severity: 'error',
    wanted: ({ slurm }) => String(slurm.resume_timeout),
    holds: (value, settings) => number(value, 60) > longestBoot(settings),
    because: 'not longer than the boot_timeout of a node group',
  },
  {
    name: 'ResumeTimeout',
    severity: 'warning',
    wanted: () => '600',
    holds: (value) => number(value, 60) >= 600,
    because: 'nodes that boot slowly are given up',
  },
  {
    name: 'SuspendTimeout',
    severity: 'warning',
    wanted: ({ slurm }) => String(slurm.suspend_timeout),
    holds: (value, { slurm }) => number(value, 30) === slurm.suspend_timeout,
    because: 'differs from slurm.suspend_timeout, which holds are priced with',
  },
  {
    name: 'SuspendTime',
    severity: 'error',
    wanted: ({ slurm }) => String(slurm.suspend_time),
    holds: (value) => number(value, -1) >= 0,
    because: 'power saving is off: nodes are never given back',
  },
  {
    name: 'SuspendTime',
    severity: 'warning',
    wanted: ({ slurm }) => String(slurm.suspend_time),
    holds: (value, { slurm }) => [-1, slurm.suspend_time].includes(number(value, -1)),
    because: 'differs from slurm.suspend_time, which holds are priced with',
  },
  {
    name: 'PrivateData',
    severity: 'error',
    wanted: () => 'cloud',
    holds: (value) => wordsOf(value).includes('cloud'),
    because: 'powered-down nodes are invisible, even to root',
  },
  {
    name: 'SlurmctldParameters',
    severity: 'warning',
    wanted: () => CTLD,
    holds: (value) => wordsOf(value).includes('idle_on_node_suspend'),
    because: 'nodes that went down stay down after they were given back',
  },
  {
    name: 'SlurmctldParameters',
    severity: 'note',
    wanted: () => CTLD,
    holds: (value) => wordsOf(value).includes('cloud_reg_addrs'),
    because: 'addresses are set by asbb hook resume alone',
  },
  {
    name: 'SlurmctldParameters',
    severity: 'note',
    wanted: () => `${CTLD},power_save_interval=1`,
    holds: (value) => wordsOf(value).some((word) => word.startsWith('power_save_interval=')),
    because: 'SLURM looks every 10 s for nodes to resume',
  },
  {
    name: 'ReturnToService',
    severity: 'warning',
    wanted: () => '2',
    holds: (value) => value === '2',
    because: 'a node that registers late stays DOWN',
  },
  {
    name: 'TreeWidth',
    severity: 'warning',
    wanted: ({ slurm }) => String(slurm.tree_width),
    holds: (value) => number(value, 50) >= 60_000,
    because: 'cloud nodes are reached through each other',
  },
  {
    name: 'JobRequeue',
    severity: 'warning',
    wanted: () => '1',
    holds: (value) => value !== '0',
    because: 'jobs whose nodes fail to start are lost',
  },
  {
    name: 'JobSubmitPlugins',
    severity: 'error',
    wanted: () => 'lua',
    holds: (value) => wordsOf(value).some((word) => ['lua', 'job_submit/lua'].includes(word)),
    because: 'no job is priced',
  },
  {
    name: 'AccountingStorageEnforce',
    severity: 'warning',
    wanted: () => 'associations',
    holds: isEnforcing,
    because: 'anyone may name any account',
  },
  {
    name: 'JobAcctGatherType',
    severity: 'note',
    wanted: () => 'jobacct_gather/linux',
    holds: (value) => value !== undefined && !value.endsWith('/none'),
    because: 'the efficiency of jobs is not known',
  },
  {
    name: 'MaxArraySize',
    severity: 'note',
    wanted: () => '1001',
    holds: (value) => number(value, 1001) <= 1001,
    because: 'one hold covers a whole array: a large one needs much money at once',
  },
  {
    name: 'MaxJobCount',
    severity: 'note',
    wanted: () => '10000',
    holds: (value) => number(value, 10_000) <= 100_000,
    because: 'asbb maintain lists every job each minute',
  },
];

interface ProgramRule {
  readonly name: string;
  readonly severity: Severity;
  readonly wanted: (settings: Settings) => string;
}

const PROGRAMS: readonly ProgramRule[] = [
  { name: 'ResumeProgram', severity: 'error', wanted: ({ slurm }) => slurm.resume_program },
  { name: 'SuspendProgram', severity: 'error', wanted: ({ slurm }) => slurm.suspend_program },
  {
    name: 'ResumeFailProgram',
    severity: 'error',
    wanted: ({ slurm }) => wrapperBeside(slurm.resume_program, 'resume-fail'),
  },
  {
    name: 'EpilogSlurmctld',
    severity: 'warning',
    wanted: ({ slurm }) => wrapperBeside(slurm.resume_program, 'epilog'),
  },
];

function said(name: string, value: Value): string {
  return value === undefined ? `${name} is not set` : `${name}=${value}`;
}

function checkProgram(rule: ProgramRule, { conf, settings, facts }: Checked): readonly Finding[] {
  const { name, severity } = rule;
  const value = conf.settings.get(name.toLowerCase());
  const fix = `${name}=${rule.wanted(settings)}`;
  if (value === undefined) {
    return [finding(severity, name, `${name} is not set`, fix)];
  }
  if (BLANK.test(value) || !value.startsWith('/')) {
    return [finding('error', name, `${name}=${value}: must be a bare absolute path`, fix)];
  }
  return facts.isExecutable(value)
    ? []
    : [finding('error', name, `${value} is no program that can be run`, `install ${value}`)];
}

/** The single parameters, and the programs that they name. */
export function checkParameters(checked: Checked): readonly Finding[] {
  const { conf, settings } = checked;
  const wrong = RULES.flatMap(({ name, severity, wanted, holds, because }) => {
    const value = conf.settings.get(name.toLowerCase());
    return holds(value, settings)
      ? []
      : [
          finding(
            severity,
            name,
            `${said(name, value)}: ${because}`,
            `${name}=${wanted(settings)}`,
          ),
        ];
  });
  return [...PROGRAMS.flatMap((rule) => checkProgram(rule, checked)), ...wrong];
}
