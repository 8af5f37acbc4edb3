import { describe, expect, it } from 'vitest';
import { parseJobs } from '../../src/adapters/slurm/parse-job.ts';
import { parseNodes } from '../../src/adapters/slurm/parse-node.ts';
import { at, capture, faultOf, oneLine } from './support/captures.ts';

describe('scontrol show job', () => {
  it('reads the captures', () => {
    const [running, detailed] = parseJobs(capture('job-running.txt')).jobs;
    expect(running).toMatchObject({
      jobId: 3,
      name: 'pair-a',
      userName: 'alice',
      account: 'physics',
      partition: 'cloud',
      state: 'RUNNING',
      reason: 'None',
      requeue: true,
      restarts: 0,
      submitS: at('08:18:29'),
      startS: at('08:19:01'),
      endS: at('08:29:01'),
      timeLimitSeconds: 600,
      nodeList: 'cloud-1',
      numNodes: 1,
      numCpus: 4,
      minMemoryCpuMib: 100,
      tres: 'cpu=4,mem=400M,node=1,billing=4',
      overSubscribe: 'NO',
      adminComment: '',
      cpusOnNode: {},
    });
    expect(detailed?.cpusOnNode).toEqual({ 'cloud-1': 4 });
    const configuring = parseJobs(capture('job-configuring.txt')).jobs;
    expect(
      configuring.map(({ jobId, arrayJobId, arrayTaskId }) => [jobId, arrayJobId, arrayTaskId]),
    ).toEqual([
      [3, undefined, undefined],
      [4, 4, '2'],
      [5, 4, '1'],
    ]);
    expect(parseJobs(capture('job-completing.txt')).jobs[0]).toMatchObject({
      state: 'COMPLETING',
      nodeList: '',
      endS: at('08:18:08'),
    });
    expect(parseJobs(capture('job-node-fail-requeued.txt')).jobs[0]).toMatchObject({
      state: 'PENDING',
      restarts: 1,
      submitS: at('08:19:43'),
      comment: 'changed',
    });
    expect(parseJobs(capture('job-resume-failed.txt')).jobs[0]).toMatchObject({
      state: 'PENDING',
      numNodes: 1,
    });
    expect(parseJobs('No jobs in the system\n').jobs).toEqual([]);
  });

  const TrueLine = capture('job-running.txt').split('\n')[0] ?? '';

  function named(name: string): string {
    return TrueLine.replace('JobName=pair-a', `JobName=${name}`);
  }

  it.each([
    ['blanks and =', 'my job A=B'],
    ['a state', 'x JobState=COMPLETED NodeList=evil-1'],
    ['an UserId', 'x UserId=root(0) GroupId=root(0)'],
    ['bars, quotes, NUL', 'a|b\'"$(touch x)\u0000`'],
    ['bad UTF-8', 'a\ufffdb'],
    ['a key twice', 'NodeList=a NodeList=b'],
    ['nothing', ''],
    ['proto', '__proto__ constructor'],
    ['a newline', 'a\nb'],
    ['a newline and a forged begin', 'a\nJobId=77 JobName=b'],
  ])('keeps a name that holds %s', (_tag, name) => {
    const { jobs } = parseJobs(`${named(name)}\n`);
    const truth = jobs.at(-1);
    expect(truth).toMatchObject({ state: 'RUNNING', userName: 'alice', nodeList: 'cloud-1' });
  });

  const Forged = TrueLine.slice(TrueLine.indexOf(' UserId='))
    .replace('alice', 'root')
    .replace('RUNNING', 'COMPLETED');

  it.each([
    ['the name', named(`x${Forged}`)],
    ['the directory', TrueLine.replace('WorkDir=/tmp', `WorkDir=/tmp${Forged}`)],
  ])('reads nothing where a whole record is forged in %s', (_tag, line) => {
    const { jobs, unreadable } = parseJobs(`${line}\n${capture('job-completing.txt')}`);
    expect(jobs.map(({ jobId }) => jobId)).toEqual([2]);
    expect(unreadable).toEqual([3]);
  });

  it('takes no AdminComment out of the directory, and none that stands twice', () => {
    const token = 'asbb:hold=abcdefghijklmnopqrstuvwxyz';
    const own = TrueLine.replace(' StdErr=', ` AdminComment=${token}  StdErr=`);
    expect(parseJobs(`${own}\n`).jobs[0]?.adminComment).toBe(token);
    const twice = own.replace('WorkDir=/tmp', 'WorkDir=/tmp AdminComment=asbb:hold=zzz');
    expect(parseJobs(`${twice}\n`).jobs[0]?.adminComment).toBe('');
  });

  it('ReqNodeList and ExcNodeList are not NodeList', () => {
    const line = TrueLine.replace('ReqNodeList=(null)', 'ReqNodeList=cloud-7');
    expect(parseJobs(`${line}\n`).jobs[0]?.nodeList).toBe('cloud-1');
  });

  it.each([
    ['cut in the line', TrueLine.slice(0, 400)],
    ['cut before the newline', TrueLine],
    ['cut record, whole line', `${TrueLine.slice(0, 400)}\n`],
    ['other text', 'slurm_load_jobs error: Unable to contact slurm controller\n'],
  ])('a Fault 75 when it is %s', (_tag, output) => {
    expect(faultOf(() => parseJobs(output))).toBe(75);
  });
});

describe('scontrol show node', () => {
  it.each([
    ['node-allocated.txt', 'ALLOCATED', ['CLOUD'], ''],
    ['node-completing.txt', 'IDLE', ['CLOUD'], ''],
    [
      'node-down-not-responding.txt',
      'DOWN',
      ['CLOUD', 'NOT_RESPONDING'],
      'Not responding [root@2026-11-21T08:19:43]',
    ],
    ['node-idle-powered-down.txt', 'IDLE', ['CLOUD', 'POWERED_DOWN'], ''],
    ['node-powering-up.txt', 'ALLOCATED', ['CLOUD', 'NOT_RESPONDING', 'POWERING_UP'], ''],
    [
      'node-resume-failed.txt',
      'DOWN',
      ['CLOUD', 'POWERED_DOWN', 'NOT_RESPONDING'],
      'ResumeTimeout reached [root@2026-11-21T08:20:05]',
    ],
  ])('reads %s', (name, state, flags, reason) => {
    expect(parseNodes(oneLine(name))[0]).toMatchObject({ state, flags, reason });
  });

  it('reads addresses, partitions, sizes; a reason may hold anything', () => {
    const line = oneLine('node-resume-failed.txt').replace(
      'ResumeTimeout reached',
      '(Code:X)asbb: State=IDLE Partitions=a b=c',
    );
    expect(parseNodes(line)).toEqual([
      {
        name: 'gpu-1',
        state: 'DOWN',
        flags: ['CLOUD', 'POWERED_DOWN', 'NOT_RESPONDING'],
        address: '127.0.0.1',
        hostname: 'labhost',
        partitions: ['gpu'],
        reason: '(Code:X)asbb: State=IDLE Partitions=a b=c [root@2026-11-21T08:20:05]',
        cpus: 8,
        realMemoryMib: 32_000,
        features: ['cloud', 'gpu'],
        gres: 'gpu:2',
      },
    ]);
  });

  it('leaves unknown names out, and takes the star after a state as not responding', () => {
    const line = oneLine('node-allocated.txt').replace('State=ALLOCATED+', 'State=ALLOCATED*+');
    const nodes = parseNodes(`Node cloud-99 not found\n${line}`);
    expect(nodes.map(({ name, flags }) => [name, flags])).toEqual([
      ['cloud-1', ['CLOUD', 'NOT_RESPONDING']],
    ]);
  });

  it('a Fault 75 when it is cut', () => {
    const line = oneLine('node-allocated.txt');
    expect(faultOf(() => parseNodes(line.trimEnd()))).toBe(75);
    expect(faultOf(() => parseNodes(`${line.slice(0, 100)}\n`))).toBe(75);
  });
});
