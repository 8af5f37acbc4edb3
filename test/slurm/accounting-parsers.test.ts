import { describe, expect, it } from 'vitest';
import { parseQueue, parseQueueOnNodes } from '../../src/adapters/slurm/parse-queue.ts';
import { parseEfficiency, parseRuns, RUN_FIELDS } from '../../src/adapters/slurm/parse-runs.ts';
import {
  parseAssociations,
  parseConfig,
  parseVersion,
} from '../../src/adapters/slurm/parse-site.ts';
import { isKnownState, isOver } from '../../src/core/slurm/job-state.ts';
import { at, capture, faultOf } from './support/captures.ts';

describe('squeue', () => {
  const Line =
    '5|4|1|RUNNING|cloud|chemistry|bob|2|8|10:00|2026-11-21T08:18:29|2026-11-21T08:19:01|cloud-[2-3]|None';

  it('reads tasks, pending jobs and numbers with a unit', () => {
    expect(parseQueue(`${Line}\n`)).toEqual([
      {
        jobId: 5,
        arrayJobId: 4,
        arrayTask: 1,
        state: 'RUNNING',
        partition: 'cloud',
        account: 'chemistry',
        userName: 'bob',
        nodes: 2,
        cpus: 8,
        timeLimitSeconds: 600,
        submitS: at('08:18:29'),
        startS: at('08:19:01'),
        nodeList: 'cloud-[2-3]',
        reason: 'None',
      },
    ]);
    const pending =
      '6|6|N/A|PENDING|cloud,gpu|physics|alice|1-2|2K|UNLIMITED|2026-11-21T08:18:29|N/A||a|b\n';
    expect(parseQueue(pending)[0]).toMatchObject({
      arrayTask: undefined,
      nodes: 2,
      cpus: 2048,
      timeLimitSeconds: undefined,
      startS: undefined,
      nodeList: '',
      reason: 'a|b',
    });
    expect(parseQueue('')).toEqual([]);
    expect(parseQueueOnNodes('3|cloud-1\n')).toEqual([{ jobId: 3, nodeList: 'cloud-1' }]);
  });

  it.each([
    ['cut', Line],
    ['short', '5|4|1|RUNNING\n'],
    ['no number', `${Line.replace('5|', 'x|')}\n`],
    ['no time', `${Line.replaceAll('T08', ' 08')}\n`],
    ['an empty line', `${Line}\n\n`],
  ])('a Fault 75 when a line is %s', (_tag, output) => {
    expect(faultOf(() => parseQueue(output))).toBe(75);
  });
});

/** The capture of `sacct -X -D` has other columns: put into ours. */
function capturedRuns(): string {
  const [head = '', ...rows] = capture('sacct-billing.txt').trimEnd().split('\n');
  const names = head.split('|');
  return rows
    .map((row) => {
      const cells = row.split('|');
      const wanted = RUN_FIELDS.split(',').map((field) =>
        field === 'NNodes' ? 'AllocNodes' : field,
      );
      return wanted
        .map((field) => (field === 'NCPUS' ? '8' : (cells[names.indexOf(field)] ?? '')))
        .join('\u001f');
    })
    .map((row) => `${row}\n`)
    .join('');
}

describe('sacct', () => {
  it('reads the capture', () => {
    const runs = parseRuns(capturedRuns());
    expect(
      runs.map(({ jobIdText, jobIdRaw, state, nodeList }) => [
        jobIdText,
        jobIdRaw,
        state,
        nodeList,
      ]),
    ).toEqual([
      ['1', 1, 'COMPLETED', 'cloud-[1-2]'],
      ['2', 2, 'COMPLETED', 'cloud-1'],
      ['3', 3, 'NODE_FAIL', 'cloud-1'],
      ['4_1', 5, 'COMPLETED', 'cloud-[2-3]'],
      ['4_2', 4, 'COMPLETED', 'cloud-[4-5]'],
      ['6', 6, 'NODE_FAIL', 'gpu-1'],
    ]);
    expect(runs[2]).toMatchObject({
      submitS: at('08:18:29'),
      startS: at('08:19:01'),
      endS: at('08:19:43'),
      elapsedSeconds: 42,
      timeLimitSeconds: 1200,
      allocTres: 'billing=4,cpu=4,mem=400M,node=1',
    });
    expect(runs[3]).toMatchObject({ arrayJobId: 4, arrayTask: 1 });
  });

  function row(changes: Readonly<Record<string, string>>): string {
    const cells: Readonly<Record<string, string>> = {
      JobID: '7',
      JobIDRaw: '7',
      Account: 'physics',
      User: 'alice',
      Partition: 'cloud',
      State: 'COMPLETED',
      ExitCode: '0:0',
      Submit: '2026-11-21T08:00:00',
      Start: '2026-11-21T08:01:00',
      End: '2026-11-21T08:02:00',
      ElapsedRaw: '60',
      TimelimitRaw: '10',
      NNodes: '1',
      NCPUS: '4',
      NodeList: 'cloud-1',
      AllocTRES: 'cpu=4',
      AdminComment: '',
      ...changes,
    };
    return `${RUN_FIELDS.split(',')
      .map((field) => cells[field])
      .join('\u001f')}\n`;
  }

  it.each([
    [
      'cancelled while pending',
      { State: 'CANCELLED by 64101', Start: 'None', NodeList: 'None assigned' },
      { state: 'CANCELLED', startS: undefined, nodeList: '' },
    ],
    ['running', { State: 'RUNNING', End: 'Unknown' }, { endS: undefined }],
    [
      'the rest of an array',
      { JobID: '12_[4-7%2]', JobIDRaw: '12' },
      { arrayJobId: 12, arrayTask: undefined },
    ],
    ['het component', { JobID: '20+1', JobIDRaw: '21' }, { jobIdRaw: 21, arrayJobId: undefined }],
    ['unlimited', { TimelimitRaw: 'UNLIMITED' }, { timeLimitSeconds: undefined }],
    ['partition limit', { TimelimitRaw: 'Partition_Limit' }, { timeLimitSeconds: undefined }],
    ['a state nobody knows', { State: 'DREAMING' }, { state: 'DREAMING' }],
    ['a bar and an = in the comment', { AdminComment: 'a|b=c d' }, { adminComment: 'a|b=c d' }],
  ])('reads a run: %s', (_tag, changes, expected) => {
    expect(parseRuns(row(changes))[0]).toMatchObject(expected);
  });

  it('says a repeated line once, keeps resized runs apart', () => {
    const resized = row({ State: 'RESIZING', End: '2026-11-21T08:01:30' });
    expect(parseRuns(row({}) + row({}) + resized)).toHaveLength(2);
  });

  it.each([
    ['cut', row({}).trimEnd()],
    ['of too few fields', `${row({}).trimEnd().split('\u001f').slice(1).join('\u001f')}\n`],
    ['without a submit time', row({ Submit: 'Unknown' })],
    ['with a bad time', row({ End: '2026-13-41T00:00:00' })],
    ['with a text for an id', row({ JobIDRaw: '-1' })],
  ])('a Fault 75 when a line is %s', (_tag, output) => {
    expect(faultOf(() => parseRuns(output))).toBe(75);
  });

  it('reads CPU time and memory of the steps', () => {
    expect(
      parseEfficiency('3|00:10:00||\n3.batch|00:09:59.5|2048|1\n3.0|00:00.500|3K|2\n'),
    ).toEqual({
      cpuSeconds: 600,
      maxRssKib: 3,
    });
    expect(parseEfficiency('')).toEqual({});
  });
});

it('an unknown state is live, every other is told apart', () => {
  expect(isOver('DREAMING')).toBe(false);
  expect(isKnownState('DREAMING')).toBe(false);
  expect(isOver('CANCELLED by 64101')).toBe(true);
  expect(isOver('COMPLETING')).toBe(false);
});

it('reads config, version and associations', () => {
  const config = parseConfig(capture('scontrol-config.txt'));
  expect(config['ClusterName']).toBe('lab');
  expect(config['PrivateData']).toBeDefined();
  expect(parseVersion('slurm-wlm 22.05.8\n')).toBe('22.05.8');
  expect(parseVersion('slurm-emulator 22.05.8\n')).toBe('22.05.8');
  expect(faultOf(() => parseVersion('bash: scontrol: not found'))).toBe(75);
  expect(faultOf(() => parseAssociations('lab|root||\n', 'lab'))).toBe(75);
  expect(parseAssociations('lab|physics|alice\nother|x|bob\nlab|root|\n', 'lab')).toEqual([
    { account: 'physics', user: 'alice' },
  ]);
});
