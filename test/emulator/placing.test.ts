import { describe, expect, it } from 'vitest';
import { accounted, boot, called, jobField, NOTE, open, queued, states, submit } from './ask.ts';
import { BASIC, succeed } from './site.ts';

describe('arrays and het jobs', () => {
  it('run task by task under the throttle, each with its own id', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p static --array=1-4%2 -t 5 --wrap sleep\u00a010');
    await site.tick();
    const { stdout } = await site.slurm('squeue -h -r -o %A|%F|%K|%T|%r');
    expect(stdout.trim().split('\n')).toEqual([
      '1|1|3|PENDING|JobArrayTaskLimit',
      '1|1|4|PENDING|JobArrayTaskLimit',
      '3|1|2|RUNNING|None',
      '2|1|1|RUNNING|None',
    ]);
    expect((await site.slurm('squeue -h -o %i')).stdout.split('\n').slice(0, 3)).toEqual([
      '1_[3-4%2]',
      '1_2',
      '1_1',
    ]);
    await site.pass(31);
    expect(await accounted(site, id, 'JobID,JobIDRaw,State')).toEqual([
      '1_1|2|COMPLETED',
      '1_2|3|COMPLETED',
      '1_3|4|COMPLETED',
      '1_4|1|COMPLETED',
    ]);
    expect(called(site)).toHaveLength(4);
  });

  it('lose a pending task that is cancelled', async () => {
    const site = await open();
    await submit(site, '-p static --array=1-3 --hold -t 5 --wrap true');
    await succeed(site.slurm('scancel 1_2', 'alice'));
    expect((await site.slurm('squeue -h -o %i')).stdout.trim()).toBe('1_[1,3]');
  });

  it('start all components or none, and end with the leader', async () => {
    const site = await open({ programs: NOTE, settings: { start_tick: '0' } });
    await submit(site, '-p static -n4 -t 5 --wrap sleep\u00a020', 'bob');
    const id = await submit(site, '-p static -n1 -t 5 : -p cloud -N1 --wrap sleep\u00a030');
    await site.pass(5);
    expect(await states(site, 'cloud-1')).toBe('idle~');
    await site.pass(16);
    expect(called(site)).toContain('resume cloud-1');
    await boot(site, 'cloud-1');
    await site.pass(29);
    expect(
      (await site.slurm('squeue -h -o %i\u00a0%T')).stdout.trim().split('\n').toSorted(),
    ).toEqual([`${id}+0 RUNNING`, `${id}+1 RUNNING`]);
    await site.pass(3);
    expect(await accounted(site, id, 'JobID,State')).toEqual([
      `${id}+0|COMPLETED`,
      `${id}+1|COMPLETED`,
    ]);
  });
});

describe('node choice', () => {
  it.each([
    ['CPUs over several nodes', '-p cloud -n 6', 'cloud-[1-2]'],
    ['nodes asked for', '-p cloud -N 3', 'cloud-[1-3]'],
    ['CPUs per task', '-p cloud -n 3 -c 2', 'cloud-[1-2]'],
    ['tasks per node', '-p cloud -n 4 --ntasks-per-node=1', 'cloud-[1-4]'],
    ['memory per node', '-p cloud -N1 --mem=7G', 'cloud-1'],
    ['memory per CPU', '-p cloud -n 2 --mem-per-cpu=5G', 'cloud-[1-2]'],
    ['a feature', '-p cloud -C c5.xlarge -N1', 'cloud-1'],
    ['a node by name', '-p cloud -w cloud-5', 'cloud-5'],
    ['GPUs per node', '-p gpu --gres=gpu:2 -N2', 'gpu-[1-2]'],
    ['GPUs per job', '-p gpu --gpus=1', 'gpu-1'],
    ['one of two partitions', '-p static,cloud -N 2', 'cloud-[1-2]'],
  ])('%s', async (_, options, nodes) => {
    const site = await open();
    const id = await submit(site, `${options} -t 5 --wrap true`);
    await site.tick();
    expect(await queued(site, id)).toBe(`CONFIGURING None ${nodes}`);
  });

  it('shares nodes, but not those of --exclusive or of an exclusive partition', async () => {
    const site = await open({
      conf: `${BASIC}PartitionName=whole Nodes=cloud-[1-8] OverSubscribe=EXCLUSIVE State=UP\n`,
    });
    const ids = [
      await submit(site, '-p cloud -n1 -t 5 --wrap true'),
      await submit(site, '-p cloud -n2 -t 5 --wrap true'),
      await submit(site, '-p whole -n1 -t 5 --wrap true'),
      await submit(site, '-p cloud -n1 --exclusive -t 5 --wrap true'),
    ];
    await site.tick();
    const nodes = await Promise.all(ids.map((id) => jobField(site, id, 'NodeList')));
    expect(nodes).toEqual(['cloud-1', 'cloud-1', 'cloud-2', 'cloud-3']);
    expect(await jobField(site, ids[2] ?? 0, 'NumCPUs')).toBe('4');
  });

  it('prefers nodes that are awake', async () => {
    const site = await open({ settings: { start_tick: '0' } });
    await boot(site, 'cloud-5');
    await site.tick();
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.tick();
    expect(await queued(site, id)).toBe('RUNNING None cloud-5');
  });

  it('tells those that wait why', async () => {
    const site = await open();
    const ids = [
      await submit(site, '-p static -n4 -t 5 --wrap sleep\u00a0100'),
      await submit(site, '-p static -n4 -t 5 --wrap true'),
      await submit(site, '-p static -n4 -t 5 --wrap true'),
      await submit(site, '-p cloud -N9 -t 5 --wrap true'),
    ];
    await site.tick();
    expect(await Promise.all(ids.map((id) => queued(site, id)))).toEqual([
      'RUNNING None static-1',
      'PENDING Resources',
      'PENDING Priority',
      'PENDING PartitionNodeLimit',
    ]);
  });
});

it('hides powered-down nodes without PrivateData=cloud', async () => {
  const site = await open({ conf: BASIC.replace('PrivateData=cloud\n', '') });
  const { stdout } = await site.slurm('scontrol show node -o');
  expect(stdout.match(/NodeName=\S+/g)).toEqual(['NodeName=static-1']);
  expect(await site.slurm('scontrol show node -o cloud-1')).toMatchObject({
    code: 1,
    stdout: 'Node cloud-1 not found\n',
  });
});

it('forgets a job MinJobAge after its end, slurmdbd does not', async () => {
  const site = await open();
  const id = await submit(site, '-p static -t 5 --wrap sleep\u00a01');
  await site.pass(300);
  expect((await site.slurm(`scontrol show job -o ${id}`)).code).toBe(0);
  await site.pass(2);
  expect(await site.slurm(`scontrol show job -o ${id}`)).toMatchObject({
    code: 1,
    stderr: 'slurm_load_jobs error: Invalid job id specified\n',
  });
  expect(await accounted(site, id, 'State')).toEqual(['COMPLETED']);
});
