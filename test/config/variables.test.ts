import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/adapters/config/problem.ts';
import { readConfig } from '../../src/adapters/config/read-config.ts';
import '../support/property.ts';

const GROUP = `
      - node_group_name: cpu
        max_nodes: 2
        purchasing_option: spot
        launch_template_specification: { launch_template_name: t }
        launch_template_overrides: [{ instance_type: c5.large }]
        subnet_ids: [s]`;
const BASE = `aws: { region: us-east-1 }
slurm:
  cluster_name: hpc1
  partitions:
  - partition_name: aws
    node_groups:${GROUP}
`;

function lines(text: string, environment: Record<string, string> = {}): readonly string[] {
  return readConfig(text, '/c.yaml', environment).problems.map(renderProblem);
}

describe('variables', () => {
  it('win over the file, for every kind of key', () => {
    const read = readConfig(BASE, '/c.yaml', {
      ASBB_SLURM_RESUME_TIMEOUT: '900',
      ASBB_TEST_MODE: 'true',
      ASBB_DATABASE_LOCK_WAIT_SUBMIT: '1s',
      ASBB_DATABASE_ALLOW_FS_MAGIC: '0x1, 0x2',
      ASBB_COST_DISCOUNT_PERCENT: 'c5.*=10,c6i.large=2.5',
      ASBB_SLURM_PARTITIONS_0_FAIL: 'open',
      ASBB_SLURM_PARTITIONS_0_NODE_GROUPS_0_MAX_NODES: '7',
      ASBB_AWS_PROFILE: 'p',
      ASBB_BURST_BREAKER_OPEN_FOR: '5m',
      AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:1/',
      ASBB_CONFIG: '/c.yaml',
      PATH: '/bin',
    });
    expect(read.problems).toEqual([]);
    expect(read.notes).toEqual([]);
    expect(read.settings).toMatchObject({
      test_mode: true,
      database: { lock_wait: { submit: 1000, epilog: 4000 }, allow_fs_magic: ['0x1', '0x2'] },
      cost: { discount_percent: { 'c5.*': '10', 'c6i.large': '2.5' } },
      aws: { credentials_profile: 'p', endpoint_url: 'http://127.0.0.1:1/' },
      slurm: {
        resume_timeout: 900,
        partitions: [{ fail: 'open', node_groups: [{ max_nodes: 7 }] }],
      },
      burst: { breaker: { open_for: 300_000 } },
    });
  });

  it('may hold whole lists as YAML', () => {
    const partitions = '[{partition_name: x, node_groups: []}]';
    expect(lines('', { ASBB_SLURM_PARTITIONS: partitions, ASBB_AWS_REGION: 'r' })).toEqual([
      'environment ASBB_SLURM_PARTITIONS: partitions[0].node_groups cannot be empty',
    ]);
  });

  it('are named where they are wrong, and noted where they name nothing', () => {
    const read = readConfig('', '', { ASBB_SLURM_SUSPEND_TIME: 'x', ASBB_SLRUM_USER: 'y' });
    expect(read.problems.map(renderProblem)).toEqual([
      'environment ASBB_SLURM_SUSPEND_TIME: slurm.suspend_time must be positive (got x)',
    ]);
    expect(read.notes).toEqual(['ASBB_SLRUM_USER names no key (did you mean ASBB_SLURM_USER?)']);
  });
});

describe('hostile text', () => {
  it('is refused, and never raises', () => {
    const nested = `${'{a: '.repeat(200)}1${'}'.repeat(200)}`;
    const bomb = `a: &a [1,1]\n${Array.from({ length: 30 }, (_, at) => `b${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`}, *${at === 0 ? 'a' : `b${at - 1}`}]`).join('\n')}`;
    for (const text of [
      nested,
      bomb,
      `x: !!js/function "x"`,
      `slurm: "${'x'.repeat(2_000_000)}"`,
    ]) {
      expect(lines(text).length).toBeGreaterThan(0);
    }
  });

  it('in any place of a right file gives problems or settings', () => {
    const words = fc.constantFrom(
      '{',
      '}',
      '[',
      '- ',
      ': ',
      '\n',
      '&a ',
      '*a',
      '"',
      'slurm',
      'null',
      '1e9',
      '~',
      '\u0000',
      '\u202e',
      '<<: ',
    );
    fc.assert(
      fc.property(fc.nat(BASE.length), words, fc.string({ maxLength: 8 }), (at, word, noise) => {
        const read = readConfig(BASE.slice(0, at) + word + noise + BASE.slice(at), '/c.yaml', {});
        expect(read.settings !== undefined || read.problems.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
