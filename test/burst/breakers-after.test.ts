import { describe, expect, it } from 'vitest';
import {
  admitted,
  type Breakers,
  bootKey,
  failed,
  isOpen,
  opensUntil,
  phaseOf,
  poolKey,
  quotaKey,
  subnetKey,
} from '../../src/core/burst/breakers.ts';
import { breakerKeys, breakersAfter, type PoolReport } from '../../src/core/burst/pools.ts';
import { group, SUBNET_A, startSite } from './support/site.ts';

const REGION = 'us-east-1';
const RULES = { windowS: 600, threshold: 1, openForS: 600 };
const STEP = {
  zone: 'a',
  request: {
    lifecycle: 'on-demand' as const,
    overrides: [
      { instanceType: 'x.1', subnetId: 'sn-a', priority: 0 },
      { instanceType: 'y.1', subnetId: 'sn-a', priority: 0 },
    ],
  },
};
const X = poolKey('x.1', 'a', 'on-demand');
const Y = poolKey('y.1', 'a', 'on-demand');
const QUOTA = quotaKey(REGION, 'on-demand');
const BOOT = bootKey('x.1', 'a');

function probing(keys: readonly string[]): Breakers {
  return admitted(failed({}, keys, 0, RULES), breakerKeys(STEP, REGION), 600);
}

function answered(breakers: Breakers, report: Partial<PoolReport>): Breakers {
  const answer = { came: [], errors: [], isShort: false, ...report };
  return breakersAfter(breakers, STEP, answer, { nowS: 610, region: REGION, rules: RULES });
}

const CAME = [{ instanceType: 'x.1', lifecycle: 'on-demand' as const }];
const ERROR = { status: 400, instanceType: '', subnetId: '' };

describe('9.6: what the one launch through a half-open breaker says', () => {
  it('success closes its pool, its quota and its subnet', () => {
    expect(answered(probing([X, QUOTA, subnetKey('sn-a')]), { came: CAME })).toEqual({});
  });

  it('not that of its boots: launching was never what failed there', () => {
    expect(phaseOf(answered(probing([BOOT]), { came: CAME })[BOOT], 610)).toBe('open');
  });

  it('a failure opens it for twice as long, also when some came', () => {
    const errors = [{ ...ERROR, code: 'VcpuLimitExceeded' }];
    const left = answered(probing([X, QUOTA]), { came: CAME, errors, isShort: true });
    expect(left[X]).toBeUndefined();
    expect(opensUntil(left[QUOTA], 610)).toBe(610 + 1200);
  });

  it.each([
    ['another type came', { came: CAME }],
    ['the call was throttled', { errors: [{ ...ERROR, code: 'RequestLimitExceeded' }] }],
  ])('when %s it was not tried: the next launch may, and again only one', (_, report) => {
    const left = answered(probing([Y]), report);
    expect(phaseOf(left[Y], 610)).toBe('half-open');
    expect(isOpen(admitted(left, [Y], 611), Y, 612)).toBe(true);
  });
});

it.each([
  ['VcpuLimitExceeded', 901],
  ['InsufficientFreeAddressesInSubnet', 601],
])(
  '9.6: after %s and one launch that succeeded, every other launch goes too',
  async (code, openS) => {
    const groups = [group('cpu', { subnet_ids: [SUBNET_A] })];
    const site = await startSite({
      settings: { slurm: { partitions: [{ partition_name: 'aws', node_groups: groups }] } },
      faults: [
        {
          id: 'once',
          match: { action: 'CreateFleet', max: 1 },
          do: { error: { code, status: 400 } },
        },
      ],
    });
    const { gangs } = await site.start(await site.submit(), ['aws-cpu-001']);
    expect(gangs).toMatchObject([{ kind: 'aborted', cause: { code } }]);
    await site.forward(openS);
    const probe = await site.start(await site.submit(), ['aws-cpu-002']);
    expect(probe.gangs).toMatchObject([{ kind: 'bound' }]);
    await site.forward(60);
    const next = await site.start(await site.submit(), ['aws-cpu-003']);
    expect(next.gangs).toMatchObject([{ kind: 'bound' }]);
  },
);
