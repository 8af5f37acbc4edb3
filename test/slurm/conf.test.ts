import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { checkSlurmConf } from '../../src/core/slurm/conf/check.ts';
import { parseSlurmConf } from '../../src/core/slurm/conf/file.ts';
import { slurmConfText } from '../../src/core/slurm/conf/lines.ts';
import { luaText } from '../../src/core/slurm/conf/lua.ts';
import { exampleSettings } from '../support/settings.ts';

const SETTINGS = exampleSettings();
const TEMPLATE = readFileSync('slurm-conf/job_submit.lua', 'utf8');
const GOOD = `${slurmConfText(SETTINGS)}SlurmctldParameters=idle_on_node_suspend,cloud_reg_addrs,power_save_interval=1
`;

function check(text: string, facts = {}) {
  return checkSlurmConf({
    conf: parseSlurmConf(text),
    settings: SETTINGS,
    facts: {
      isExecutable: () => true,
      luaText: 'x',
      luaWanted: 'x',
      version: '22.05.8',
      ...facts,
    },
  });
}

describe('what asbb slurm conf prints', () => {
  it('has a line for each node group and partition', () => {
    const lines = slurmConfText(SETTINGS).split('\n');
    expect(lines).toContain('ResumeProgram=/usr/local/libexec/asbb/resume');
    expect(lines).toContain('ResumeFailProgram=/usr/local/libexec/asbb/resume-fail');
    expect(lines).toContain(
      'NodeName=aws-cpu-[001-100] CPUs=16 RealMemory=28000 Weight=10 Feature=c6i,spot,efa,efa-required,efa-preferred,efa-optional,no-efa,efa-disabled State=CLOUD',
    );
    expect(lines).toContain(
      'PartitionName=aws Nodes=aws-cpu-[001-100],aws-mpi-[001-064] Default=NO MaxTime=2-00:00:00 DefaultTime=01:00:00 OverSubscribe=EXCLUSIVE State=UP',
    );
  });

  it('passes its own check', () => {
    expect(check(GOOD)).toEqual([]);
  });
});

describe('the check', () => {
  it.each<[string, string | RegExp, string, string]>([
    ['F6: split gangs', 'ResumeRate=0', 'ResumeRate=100', 'error ResumeRate'],
    ['no rate: SLURM takes 300', 'ResumeRate=0\n', '', 'error ResumeRate'],
    ['CMD-1: arguments', '/asbb/resume\n', '/asbb/resume --config=/x\n', ''],
    [
      'quoted arguments',
      '/asbb/resume\n',
      '/asbb/resume\nResumeProgram="/x --config=/y"\n',
      'error ResumeProgram',
    ],
    ['no power saving', 'SuspendTime=350', 'SuspendTime=-1', 'error SuspendTime'],
    ['another time than priced', 'SuspendTime=350', 'SuspendTime=600', 'warning SuspendTime'],
    ['F55: short timeout', 'ResumeTimeout=600', 'ResumeTimeout=540', 'error ResumeTimeout'],
    ['invisible nodes', 'PrivateData=cloud', 'PrivateData=jobs,users', 'error PrivateData'],
    ['cloud among others', 'PrivateData=cloud', 'PrivateData=jobs,CLOUD', ''],
    ['no plugin', 'JobSubmitPlugins=lua', 'JobSubmitPlugins=cray', 'error JobSubmitPlugins'],
    [
      'any account',
      'AccountingStorageEnforce=associations',
      '',
      'warning AccountingStorageEnforce',
    ],
    ['another cluster', 'ClusterName=hpc1', 'ClusterName=hpc2', 'error ClusterName'],
    [
      'spared nodes',
      'JobRequeue=1',
      'SuspendExcNodes=login1,aws-mpi-[060-070]',
      'error SuspendExcNodes',
    ],
    ['spared partition', 'JobRequeue=1', 'SuspendExcParts=aws', 'error SuspendExcParts'],
    [
      'fewer nodes',
      'NodeName=aws-cpu-[001-100]',
      'NodeName=aws-cpu-[001-090]',
      'error NodeName aws-cpu-[001-100]',
    ],
    ['smaller nodes', 'CPUs=16', 'CPUs=8', 'error NodeName aws-cpu-[001-100] CPUs'],
    [
      'no EFA words',
      ',no-efa,efa-disabled State=CLOUD\nNodeName=aws-mpi',
      ' State=CLOUD\nNodeName=aws-mpi',
      'warning NodeName aws-cpu-[001-100] Feature',
    ],
    [
      'not CLOUD',
      'State=CLOUD\nPart',
      'State=UNKNOWN\nPart',
      'error NodeName aws-mpi-[001-064] State',
    ],
    [
      'partition without a group',
      'Nodes=aws-cpu-[001-100],aws-mpi-[001-064]',
      'Nodes=aws-cpu-[001-100]',
      'error PartitionName aws Nodes',
    ],
    [
      'GANG-9: shared nodes',
      'OverSubscribe=EXCLUSIVE',
      'OverSubscribe=NO',
      'warning PartitionName aws OverSubscribe',
    ],
    [
      'no limit',
      'MaxTime=2-00:00:00 DefaultTime=01:00:00',
      'MaxTime=INFINITE',
      'warning PartitionName aws DefaultTime',
    ],
    ['no partition', /^PartitionName.*$/mu, '', 'error PartitionName aws'],
  ])('%s', (_, from, to, expected) => {
    const text = GOOD.replace(from, to);
    expect(text).not.toBe(GOOD);
    const found = check(text).map(({ severity, path }) => `${severity} ${path}`);
    expect(found).toEqual(expected === '' ? [] : expect.arrayContaining([expected]));
  });

  it('understands DEFAULT lines, continuations, comments and case', () => {
    const text = GOOD.replace(
      /^NodeName=aws-cpu.*$/mu,
      'nodename=DEFAULT CPUs=16 RealMemory=28000 state=cloud # all\nNODENAME=aws-cpu-[001-050],aws-cpu-[051-100] \\\n  feature=c6i,spot,efa,efa-required,efa-preferred,efa-optional,no-efa,efa-disabled',
    );
    expect(check(text)).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'no program',
      { isExecutable: (path: string) => path === '/usr/bin/timeout' },
      'error ResumeProgram',
    ],
    [
      'no timeout(1)',
      { isExecutable: (path: string) => path !== '/usr/bin/timeout' },
      'error /usr/bin/timeout',
    ],
    ['no shim', { luaText: undefined }, 'error job_submit.lua'],
    ['an old shim', { luaText: 'y' }, 'error job_submit.lua'],
    ['an old SLURM', { version: '21.08.8' }, 'error version'],
    ['no SLURM', { version: undefined }, 'warning version'],
  ])('looks beyond the file: %s', (_, facts, expected) => {
    const found = check(GOOD, facts).map(({ severity, path }) => `${severity} ${path}`);
    expect(found).toContain(expected);
  });

  it('says that a type is smaller than its nodes', () => {
    const settings = exampleSettings();
    const [partition] = settings.slurm.partitions;
    const group = partition?.node_groups[0];
    if (partition === undefined || group === undefined) {
      throw new Error('the example has a partition');
    }
    const small = { ...group, launch_template_overrides: [{ instance_type: 'c5.large' }] };
    const changed = {
      ...settings,
      slurm: { ...settings.slurm, partitions: [{ ...partition, node_groups: [small] }] },
    };
    const found = checkSlurmConf({
      conf: parseSlurmConf(GOOD),
      settings: changed,
      facts: { isExecutable: () => true, luaText: 'x', luaWanted: 'x', version: '24.11.1' },
    });
    expect(found.map(({ path }) => path)).toEqual(['NodeName aws-cpu-[001-100] c5.large']);
  });

  it.each([
    ['c6i.4xlarge', { CPUs: '16', Gres: 'gpu:1' }, 'has 0 GPUs, the nodes declare 1'],
    ['c6i.4xlarge', { CPUs: '16', ThreadsPerCore: '1' }, 'has 8 cores, the nodes declare 16'],
    [
      'auto',
      { CPUs: '9999' },
      'no type of the families that it chooses from has what the nodes declare',
    ],
    ['auto', { CPUs: '16' }, undefined],
  ])('4.5: says that %s does not fit nodes of %o', (instanceType, slurmSpecifications, said) => {
    const [partition] = SETTINGS.slurm.partitions;
    const [group] = partition?.node_groups ?? [];
    if (partition === undefined || group === undefined) {
      throw new Error('the example has a group');
    }
    const changed = {
      ...group,
      slurm_specifications: slurmSpecifications,
      launch_template_overrides: [{ instance_type: instanceType }],
    };
    const settings = {
      ...SETTINGS,
      slurm: { ...SETTINGS.slurm, partitions: [{ ...partition, node_groups: [changed] }] },
    };
    const found = checkSlurmConf({
      conf: parseSlurmConf(GOOD),
      settings,
      facts: { isExecutable: () => true, luaText: 'x', luaWanted: 'x', version: '22.05.8' },
    });
    const own = found.filter(({ path }) => path.endsWith(instanceType));
    expect(own.map(({ message }) => message)).toEqual(said === undefined ? [] : [said]);
  });
});

describe('job_submit.lua', () => {
  it('gets its constants, and nothing else changes', () => {
    const text = luaText(SETTINGS, { template: TEMPLATE, self: ['/usr/bin/asbb'] });
    if (isRefused(text)) {
      throw new Error(text.text);
    }
    expect(text).toContain('local BURST = { ["aws"] = "closed" }');
    expect(text).toContain('local DIR = "/var/lib/asbb/submit/"');
    expect(text).toContain(
      'local CMD = "BUN_JSC_useJIT=0 /usr/bin/timeout -s KILL 2 /usr/bin/asbb hook submit "',
    );
    expect(text).toContain(
      'local CMD_MODIFY = "BUN_JSC_useJIT=0 /usr/bin/timeout -s KILL 2 /usr/bin/asbb hook modify "',
    );
    expect(text.split('\n')).toHaveLength(TEMPLATE.split('\n').length);
  });

  it('names a configuration that is not at its usual place', () => {
    const elsewhere = { ...SETTINGS, source: '/srv/asbb.yaml' };
    const text = luaText(elsewhere, { template: TEMPLATE, self: ['/usr/bin/asbb'] });
    expect(text).toContain('/usr/bin/asbb hook submit --config /srv/asbb.yaml "');
  });

  it.each(['/opt/$(id)/asbb', '/opt/a b', '/x;y', "/x'y", '/x"y', '/x\ny'])(
    'refuses a path that a shell would not take as it stands: %j',
    (path) => {
      expect(luaText(SETTINGS, { template: TEMPLATE, self: [path] })).toMatchObject({
        code: 'VALIDATION_ERROR',
      });
    },
  );
});
