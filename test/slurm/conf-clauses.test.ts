import { describe, expect, it } from 'vitest';
import { checkSlurmConf } from '../../src/core/slurm/conf/check.ts';
import { parseSlurmConf } from '../../src/core/slurm/conf/file.ts';
import { slurmConfText } from '../../src/core/slurm/conf/lines.ts';
import { exampleSettings } from '../support/settings.ts';

// burst.md 7.7, clause by clause: what is printed, and what --check says when it is otherwise.

const EXAMPLE = exampleSettings({ slurm: { resume_timeout: 400, suspend_rate: 0 } });
/** Its nodes boot in less than its ResumeTimeout of 400 s, so that this alone is short. */
const SETTINGS = {
  ...EXAMPLE,
  slurm: {
    ...EXAMPLE.slurm,
    partitions: EXAMPLE.slurm.partitions.map((partition) => ({
      ...partition,
      node_groups: partition.node_groups.map((group) => ({ ...group, boot_timeout: 340 })),
    })),
  },
};
const PRINTED = slurmConfText(SETTINGS);
const NODES = 'aws-cpu-[001-100]';

function check(text: string) {
  const facts = { isExecutable: () => true, luaText: 'x', luaWanted: 'x', version: '22.05.8' };
  return checkSlurmConf({ conf: parseSlurmConf(text), settings: SETTINGS, facts });
}

/** What the printed lines themselves are told of: things that a site may want otherwise. */
const ALWAYS = check(PRINTED).map(({ severity, path }) => `${severity} ${path}`);

it('says of its own lines only that nodes are given 400 s, and how often SLURM looks', () => {
  expect(ALWAYS).toEqual(['warning ResumeTimeout', 'note SlurmctldParameters']);
});

/** The parameter's line as it is printed, what a site may have instead, and what is found then. */
const CLAUSES: readonly (readonly [
  printed: string | RegExp,
  instead: string,
  found: string,
  fix: string,
])[] = [
  [
    'ResumeProgram=/usr/local/libexec/asbb/resume\n',
    '',
    'error ResumeProgram',
    'ResumeProgram=/usr/local',
  ],
  [
    'SuspendProgram=/usr/local/libexec/asbb/suspend\n',
    '',
    'error SuspendProgram',
    'SuspendProgram=',
  ],
  [
    'SuspendProgram=/usr/local/libexec/asbb/suspend',
    'SuspendProgram=suspend',
    'error SuspendProgram',
    'SuspendProgram=/',
  ],
  [
    'ResumeFailProgram=/usr/local/libexec/asbb/resume-fail\n',
    '',
    'error ResumeFailProgram',
    'ResumeFailProgram=/',
  ],
  ['ResumeRate=0', 'ResumeRate=100', 'error ResumeRate', 'ResumeRate=0'],
  ['SuspendRate=0', 'SuspendRate=60', 'warning SuspendRate', 'SuspendRate=0'],
  ['SuspendRate=0\n', '', 'warning SuspendRate', 'SuspendRate=0'],
  ['ResumeTimeout=400', 'ResumeTimeout=300', 'error ResumeTimeout', 'ResumeTimeout=400'],
  ['ResumeTimeout=400\n', '', 'error ResumeTimeout', 'ResumeTimeout=400'],
  ['SuspendTimeout=120', 'SuspendTimeout=30', 'warning SuspendTimeout', 'SuspendTimeout=120'],
  ['SuspendTime=350', 'SuspendTime=-1', 'error SuspendTime', 'SuspendTime=350'],
  ['SuspendTime=350', 'SuspendTime=INFINITE', 'error SuspendTime', 'SuspendTime=350'],
  ['SuspendTime=350\n', '', 'error SuspendTime', 'SuspendTime=350'],
  ['PrivateData=cloud', 'PrivateData=users', 'error PrivateData', 'PrivateData=cloud'],
  ['PrivateData=cloud\n', '', 'error PrivateData', 'PrivateData=cloud'],
  ['idle_on_node_suspend,', '', 'warning SlurmctldParameters', 'idle_on_node_suspend'],
  [',cloud_reg_addrs', '', 'note SlurmctldParameters', 'cloud_reg_addrs'],
  ['ReturnToService=2', 'ReturnToService=0', 'warning ReturnToService', 'ReturnToService=2'],
  ['TreeWidth=65533', 'TreeWidth=50', 'warning TreeWidth', 'TreeWidth=65533'],
  ['TreeWidth=65533\n', '', 'warning TreeWidth', 'TreeWidth=65533'],
  ['JobRequeue=1', 'JobRequeue=0', 'warning JobRequeue', 'JobRequeue=1'],
  [
    'JobSubmitPlugins=lua',
    'JobSubmitPlugins=throttle',
    'error JobSubmitPlugins',
    'JobSubmitPlugins=lua',
  ],
  ['JobSubmitPlugins=lua\n', '', 'error JobSubmitPlugins', 'JobSubmitPlugins=lua'],
  [
    'EpilogSlurmctld=/usr/local/libexec/asbb/epilog\n',
    '',
    'warning EpilogSlurmctld',
    'EpilogSlurmctld=/',
  ],
  [
    'JobAcctGatherType=jobacct_gather/linux',
    'JobAcctGatherType=jobacct_gather/none',
    'note JobAcctGatherType',
    'JobAcctGatherType=',
  ],
  [
    'AccountingStorageEnforce=associations\n',
    '',
    'warning AccountingStorageEnforce',
    'associations',
  ],
  [
    'AccountingStorageEnforce=associations',
    'AccountingStorageEnforce=nojobs',
    'warning AccountingStorageEnforce',
    'associations',
  ],
  ['CPUs=16', 'CPUs=32', `error NodeName ${NODES} CPUs`, 'CPUs=16'],
  [
    'RealMemory=28000',
    'RealMemory=30000',
    `error NodeName ${NODES} RealMemory`,
    'RealMemory=28000',
  ],
  ['Weight=10', 'Weight=10 Gres=gpu:1', `error NodeName ${NODES} Gres`, 'Gres='],
  ['no-efa,', '', `warning NodeName ${NODES} Feature`, 'Feature='],
  [/State=CLOUD$/mu, 'State=UNKNOWN', `error NodeName ${NODES} State`, 'State=CLOUD'],
  [
    'OverSubscribe=EXCLUSIVE',
    'OverSubscribe=FORCE',
    'warning PartitionName aws OverSubscribe',
    'OverSubscribe=EXCLUSIVE',
  ],
  [' DefaultTime=01:00:00', '', 'note PartitionName aws DefaultTime', 'DefaultTime='],
  [
    / DefaultTime=01:00:00|MaxTime=\S+/gu,
    '',
    'warning PartitionName aws DefaultTime',
    'DefaultTime=',
  ],
  [/$/u, 'SuspendExcNodes=aws-cpu-005:2\n', 'error SuspendExcNodes', 'take the burst nodes out'],
  [/$/u, 'SuspendExcParts=aws\n', 'error SuspendExcParts', 'take it out'],
  [/$/u, 'MaxArraySize=100000\n', 'note MaxArraySize', 'MaxArraySize=1001'],
  [/$/u, 'MaxJobCount=500000\n', 'note MaxJobCount', 'MaxJobCount=10000'],
];

describe('7.7: asbb slurm conf --check', () => {
  it.each(CLAUSES)('%s as "%s": %s', (printed, instead, found, fix) => {
    const text = PRINTED.replace(printed, instead);
    expect(text).not.toBe(PRINTED);
    const findings = check(text).filter(({ severity, path }) => found === `${severity} ${path}`);
    expect(findings.map((each) => each.fix)).toContainEqual(expect.stringContaining(fix));
    expect(findings.every(({ id, message }) => id.startsWith('CONF-') && message !== '')).toBe(
      true,
    );
  });

  it.each([
    'AccountingStoreFlags=job_comment',
    'DebugFlags=Power,Gres',
    'AccountingStorageEnforce=limits', // which means associations, too
    'MaxArraySize=1001',
    'SlurmctldParameters=idle_on_node_suspend,cloud_reg_addrs,enable_configless',
  ])('has nothing against %s', (line) => {
    const text = `${PRINTED}${line}\n`;
    expect(check(text).map(({ severity, path }) => `${severity} ${path}`)).toEqual(ALWAYS);
  });
});

describe('7.7: asbb slurm conf', () => {
  it('says what a change needs', () => {
    expect(PRINTED).toMatch(/^# .*scontrol reconfigure/mu);
    expect(PRINTED).toMatch(/^# .*restart of slurmctld/mu);
  });

  it.each([
    [{}, 'DefaultTime=01:00:00'],
    [{ MaxTime: '2-00:00:00' }, 'DefaultTime=01:00:00'],
    [{ MaxTime: '30' }, 'DefaultTime=30'],
    [{ MaxTime: 'INFINITE' }, 'DefaultTime=01:00:00'],
    [{ defaulttime: '10' }, 'defaulttime=10'],
  ])('gives a partition with %o one %s', (partitionOptions, line) => {
    const [partition] = SETTINGS.slurm.partitions;
    if (partition === undefined) {
      throw new Error('the example has a partition');
    }
    const slurm = {
      ...SETTINGS.slurm,
      partitions: [{ ...partition, partition_options: partitionOptions }],
    };
    const words = slurmConfText({ ...SETTINGS, slurm }).split(/\s+/u);
    expect(words.filter((word) => /^defaulttime=/iu.test(word))).toEqual([line]);
  });
});
