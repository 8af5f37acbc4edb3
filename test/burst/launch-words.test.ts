import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { adminCommentAfter, jobFate, nodeReason } from '../../src/core/burst/aborts.ts';
import { assign } from '../../src/core/burst/assign.ts';
import {
  admitted,
  type Breakers,
  failed,
  isOpen,
  opensUntil,
  phaseOf,
  succeeded,
} from '../../src/core/burst/breakers.ts';
import { candidatesOf } from '../../src/core/burst/candidates.ts';
import { capabilityOf } from '../../src/core/burst/capability.ts';
import {
  holdsJob,
  launchClassOf,
  leadingCode,
  marksGroupBroken,
} from '../../src/core/burst/errors.ts';
import { cleanTagValue, launchTags } from '../../src/core/burst/tags.ts';
import { clientToken } from '../../src/core/burst/tokens.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import { exampleSettings } from '../support/settings.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('5.6: the code decides the class', () => {
  it.each([
    ['InsufficientInstanceCapacity', 500, 'capacity'],
    ['UnfulfillableCapacity', 0, 'capacity'],
    ['SpotMaxPriceTooLow', 400, 'capacity'],
    ['Unsupported', 400, 'capacity'],
    ['MaxSpotInstanceCountExceeded', 400, 'capacity'],
    ['InsufficientReservedInstanceCapacity', 400, 'capacity'],
    ['InsufficientFreeAddressesInSubnet', 400, 'addresses'],
    ['VcpuLimitExceeded', 400, 'quota'],
    ['InstanceLimitExceeded', 400, 'quota'],
    ['MaxFleetCountExceeded', 400, 'quota'],
    ['VolumeLimitExceeded', 400, 'volume'],
    ['UnauthorizedOperation', 403, 'permission'],
    ['AccessDenied', 403, 'permission'],
    ['AccessDeniedException', 400, 'permission'],
    ['AuthFailure', 401, 'permission'],
    ['ExpiredToken', 400, 'permission'],
    ['PendingVerification', 400, 'permission'],
    ['InvalidLaunchTemplateId.NotFound', 400, 'request'],
    ['InvalidLaunchTemplateName.NotFoundException', 400, 'request'],
    ['InvalidAMIID.NotFound', 400, 'request'],
    ['InvalidSubnetID.NotFound', 400, 'request'],
    ['InvalidGroup.NotFound', 400, 'request'],
    ['InvalidParameterValue', 400, 'request'],
    ['InvalidParameterCombination', 400, 'request'],
    ['InvalidFleetConfiguration', 400, 'request'],
    ['InvalidFleetConfig', 400, 'request'],
    ['MissingParameter', 400, 'request'],
    ['InvalidPlacementGroup.Unknown', 400, 'placement'],
    ['RequestLimitExceeded', 503, 'throttle'],
    ['Throttling', 400, 'throttle'],
    ['ThrottlingException', 400, 'throttle'],
    ['InternalError', 500, 'unknown'],
    ['ServiceUnavailable', 503, 'unknown'],
    ['IdempotentParameterMismatch', 400, 'idempotency'],
    ['', 500, 'unknown'],
    ['', 503, 'unknown'],
    ['', 429, 'throttle'],
    ['SomethingNew', 400, 'request'],
    ['SomethingNew', 500, 'unknown'],
    ['SomethingNew', 0, 'capacity'],
  ] as const)('%s with %i is %s', (code, status, as) => {
    expect(launchClassOf(code, status)).toBe(as);
  });

  it('5.6: an unknown 4xx code says nothing against the node group', () => {
    expect(marksGroupBroken('SomethingNew')).toBe(false);
    expect(marksGroupBroken('InvalidAMIID.NotFound')).toBe(true);
    expect(marksGroupBroken('__proto__')).toBe(false);
  });

  it('of a fleet’s errors what needs a person speaks first, and a named pool before the sum', () => {
    expect(
      leadingCode([{ code: 'UnfulfillableCapacity' }, { code: 'InsufficientInstanceCapacity' }]),
    ).toBe('InsufficientInstanceCapacity');
    expect(
      leadingCode([{ code: 'InsufficientInstanceCapacity' }, { code: 'UnauthorizedOperation' }]),
    ).toBe('UnauthorizedOperation');
    expect(leadingCode([])).toBe('LimitedInstanceCapacity');
  });

  it('holds a job at once for a wrong request, at the second time without permission', () => {
    expect([1, 2].map((aborts) => holdsJob('permission', aborts))).toEqual([false, true]);
    expect(holdsJob('request', 1)).toBe(true);
    expect(holdsJob('capacity', 4)).toBe(false);
  });
});

describe('5.7: client tokens', () => {
  const place = {
    cluster: 'hpc1',
    holdToken: 't'.repeat(26),
    attempt: 1,
    rung: 0,
    batch: 0,
    nodeGroup: 'aws-cpu',
  };
  it('is the same for the same step, another for any other', () => {
    const token = clientToken(place, sha256);
    expect(token).toMatch(/^asbb-[0-9a-f]{40}$/);
    expect(clientToken({ ...place }, sha256)).toBe(token);
    const others = [
      { cluster: 'hpc2' },
      { holdToken: 'x' },
      { attempt: 2 },
      { rung: 1 },
      { batch: 1 },
      { nodeGroup: 'aws-mpi' },
    ].map((change) => clientToken({ ...place, ...change }, sha256));
    expect(new Set([token, ...others]).size).toBe(7);
  });

  it('no two places run together into one text', () => {
    const one = clientToken({ ...place, attempt: 1, rung: 12 }, sha256);
    const two = clientToken({ ...place, attempt: 11, rung: 2 }, sha256);
    expect(one).not.toBe(two);
  });
});

describe('5.5: tags', () => {
  it('own tags never override ours, values are cleaned and cut', () => {
    const tags = launchTags({
      cluster: 'hpc1',
      intentId: 7,
      attempt: 2,
      jobId: 12,
      holdId: 3,
      account: 'ml;7\n$(x)',
      partition: 'aws',
      nodeGroup: 'aws-cpu',
      lifecycle: 'spot',
      own: [
        { key: 'asbb:cluster', value: 'evil' },
        { key: 'CostCenter', value: `h${'p'.repeat(300)}` },
      ],
    });
    expect(tags['asbb:cluster']).toBe('hpc1');
    expect(tags['asbb:account']).toBe('ml_7___x_');
    expect(tags['CostCenter']).toHaveLength(256);
    expect(cleanTagValue('Größe 4: a@b/c_d-e=f+g.h')).toBe('Größe 4: a@b/c_d-e=f+g.h');
  });

  it('nodes without a job have no job, hold tags', () => {
    const tags = launchTags({
      cluster: 'c',
      intentId: 1,
      attempt: 1,
      account: 'pool',
      partition: 'aws',
      nodeGroup: 'aws-cpu',
      lifecycle: 'on-demand',
      own: [],
    });
    expect(Object.keys(tags)).not.toContain('asbb:hold');
    expect(Object.keys(tags)).not.toContain('JobID');
  });
});

describe('5.9: assignment', () => {
  it('pairs nodes in order with instances by zone and id', () => {
    const instances = [
      { instanceId: 'i-3', zone: 'b' },
      { instanceId: 'i-2', zone: 'a' },
      { instanceId: 'i-1', zone: 'b' },
    ];
    expect(
      assign(['n1', 'n2', 'n3'], instances).map(({ node, instance }) => [
        node,
        instance.instanceId,
      ]),
    ).toEqual([
      ['n1', 'i-2'],
      ['n2', 'i-1'],
      ['n3', 'i-3'],
    ]);
    expect(assign(['n1'], instances)).toHaveLength(1);
  });
});

describe('9.6: breakers', () => {
  const rules = { windowS: 600, threshold: 1, openForS: 600 };
  it('closed → open → half-open with one probe → closed by success', () => {
    let breakers: Breakers = {};
    expect(isOpen(breakers, 'k', 0)).toBe(false);
    breakers = failed(breakers, ['k'], 0, rules);
    expect(phaseOf(breakers['k'], 599)).toBe('open');
    expect(opensUntil(breakers['k'], 100)).toBe(600);
    expect(phaseOf(breakers['k'], 600)).toBe('half-open');
    const probing = admitted(breakers, ['k'], 600);
    expect(isOpen(probing, 'k', 601)).toBe(true);
    expect(isOpen(succeeded(probing, ['k']), 'k', 601)).toBe(false);
    // A probe whose process died does not keep it shut for ever.
    expect(phaseOf(probing['k'], 600 + 900)).toBe('half-open');
  });

  it('a failing probe opens it for twice as long, at most an hour', () => {
    let breakers: Breakers = failed({}, ['k'], 0, rules);
    let nowS = 0;
    const spans = [1200, 2400, 3600, 3600];
    let openFor = 600;
    for (const span of spans) {
      nowS += openFor;
      breakers = failed(admitted(breakers, ['k'], nowS), ['k'], nowS, rules);
      openFor = span;
      expect(opensUntil(breakers['k'], nowS)).toBe(nowS + span);
    }
  });

  it('counts failures within the window', () => {
    const three = { ...rules, threshold: 3 };
    let breakers = failed({}, ['k'], 0, three);
    breakers = failed(breakers, ['k'], 10, three);
    expect(isOpen(breakers, 'k', 10)).toBe(false);
    expect(isOpen(failed(breakers, ['k'], 700, three), 'k', 700)).toBe(false);
    expect(isOpen(failed(breakers, ['k'], 20, three), 'k', 20)).toBe(true);
  });

  it('a clock that goes backwards leaves it open, with no negative age', () => {
    const breakers = failed({}, ['k'], 10_000, rules);
    expect(phaseOf(breakers['k'], 9000)).toBe('open');
  });
});

describe('4.7: what a type can do', () => {
  it.each([
    ['c5n.18xlarge', true],
    ['c5n.9xlarge', true],
    ['c5n.4xlarge', false],
    ['c6i.large', false],
    ['c6i.32xlarge', true],
    ['c5.18xlarge', false],
    ['hpc7a.12xlarge', true],
    ['p5.4xlarge', true],
    ['nonsense', false],
  ] as const)('EFA is a property of the size: %s %s', (type, efa) => {
    expect(capabilityOf(type).efa).toBe(efa);
  });

  it('HPC families are not sold as spot, burstable types have no cluster groups', () => {
    expect(capabilityOf('hpc7a.96xlarge').spot).toBe(false);
    expect(capabilityOf('c5.large').spot).toBe(true);
    expect(capabilityOf('t3.micro').clusterGroups).toBe(false);
  });
});

describe('4.5: candidates', () => {
  const [partition] = exampleSettings().slurm.partitions;
  const [cpu] = partition?.node_groups ?? [];
  if (cpu === undefined) {
    throw new Error('the example has groups');
  }
  const rate = parseRate('1');

  it('leaves out what is too small for the nodes, and what has no price', () => {
    const group = {
      ...cpu,
      launch_template_overrides: [
        { instance_type: 'c5.large' },
        { instance_type: 'c5.4xlarge' },
        { instance_type: 'c6i.4xlarge' },
        { instance_type: 'zz9.huge' },
      ],
    };
    const found = candidatesOf({
      group,
      rateOf: (type) => (type === 'c6i.4xlarge' ? undefined : rate),
    });
    expect(found.candidates.map(({ instanceType }) => instanceType)).toEqual([
      'c5.4xlarge',
      'zz9.huge',
    ]);
    expect(found.reasons).toEqual([
      'c5.large: has 2 CPUs, the nodes declare 16',
      'c6i.4xlarge: no price known',
    ]);
  });
});

describe('9.5: what SLURM is told', () => {
  const burst = { requeue_delay: 30, max_aborts_per_job: 50 };
  const cause = { code: 'X', as: 'capacity', sentence: 's' } as const;
  const now = { nowS: 1000, chance: 0.5 };
  it.each([
    [1, 30],
    [2, 60],
    [6, 960],
    [7, 1800],
    [40, 1800],
  ])('abort %i waits %i s', (aborts, seconds) => {
    expect(jobFate(cause, aborts, burst, now)).toEqual({ kind: 'delay', seconds });
  });

  it('waits for the earliest breaker when that is later, with jitter', () => {
    expect(jobFate({ ...cause, retryAtS: 1500 }, 1, burst, now)).toEqual({
      kind: 'delay',
      seconds: 508,
    });
    expect(jobFate({ ...cause, retryAtS: 900 }, 1, burst, now)).toEqual({
      kind: 'delay',
      seconds: 30,
    });
  });

  it('keeps the hold’s token and every other word of admin_comment', () => {
    const last = { code: 'X', atS: 5, attempt: 2 };
    expect(adminCommentAfter('ops asbb:hold=abc asbb:last=Y@1#1 note', last)).toBe(
      'ops asbb:hold=abc note asbb:last=X@5#2',
    );
    expect(adminCommentAfter('', last)).toBe('asbb:last=X@5#2');
  });

  it('a reason is one line of ASCII that PC-style tools can read', () => {
    expect(nodeReason({ code: 'X', sentence: 'a\nb ü' })).toBe('(Code:X)asbb: a?b ?');
    expect(nodeReason({ code: 'X', sentence: 'y'.repeat(999) })).toHaveLength(200);
  });
});
