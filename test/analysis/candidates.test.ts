import { describe, expect, it } from 'vitest';
import {
  autoTypes,
  type CandidateQuestion,
  candidatesOf,
  type Wanted,
} from '../../src/core/burst/candidates.ts';
import { capabilityOf } from '../../src/core/burst/capability.ts';
import { catalogOf, SHIPPED_CATALOG, type TypeFacts } from '../../src/core/burst/catalog.ts';
import type { NodeGroupSettings } from '../../src/core/config/settings.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import { exampleSettings } from '../support/settings.ts';

const [GROUP] = exampleSettings().slurm.partitions[0]?.node_groups ?? [];
const DOLLAR = parseRate('1');

function group(
  types: readonly string[],
  declared: Readonly<Record<string, string>> = {},
): NodeGroupSettings {
  if (GROUP === undefined) {
    throw new Error('the example has a group');
  }
  return {
    ...GROUP,
    launch_template_overrides: types.map((instanceType) => ({ instance_type: instanceType })),
    slurm_specifications: declared,
  };
}

function weighed(
  types: readonly string[],
  declared: Readonly<Record<string, string>> = {},
  more: Partial<CandidateQuestion> = {},
): readonly string[] {
  const found = candidatesOf({ group: group(types, declared), rateOf: () => DOLLAR, ...more });
  return found.weighed.map(({ type, fits, reason }) => `${fits ? '+' : '-'} ${type}: ${reason}`);
}

function types(listed: readonly string[], wanted: Wanted, declared = {}): string {
  const question = { group: group(listed, declared), rateOf: () => DOLLAR, wanted };
  return candidatesOf(question)
    .candidates.map(({ instanceType }) => instanceType)
    .join(' ');
}

describe('4.5: which types fit the nodes', () => {
  it.each([
    ['c6i.2xlarge', { CPUs: '8' }, true],
    ['c6i.2xlarge', { CPUs: '9' }, false],
    ['c6i.2xlarge', { CPUs: '4', ThreadsPerCore: '1' }, true],
    ['c6i.2xlarge', { CPUs: '5', ThreadsPerCore: '1' }, false],
    ['c6i.2xlarge', { CPUs: '8', ThreadsPerCore: '2' }, true],
    ['hpc6a.48xlarge', { CPUs: '96', ThreadsPerCore: '1' }, true],
    ['c6i.2xlarge', { Sockets: '1', CoresPerSocket: '8', ThreadsPerCore: '2' }, false],
    ['c6i.2xlarge', { RealMemory: '14745' }, true],
    ['c6i.2xlarge', { RealMemory: '14746' }, false],
    ['g4dn.xlarge', { Gres: 'gpu:1' }, true],
    ['g4dn.xlarge', { Gres: 'gpu:tesla:1' }, true],
    ['g4dn.xlarge', { Gres: 'gpu:t4:1' }, true],
    ['g4dn.xlarge', { Gres: 'gpu:a100:1' }, false],
    ['g4dn.xlarge', { Gres: 'gpu:2' }, false],
    ['g4dn.12xlarge', { Gres: 'gpu:t4:4(S:0-1)' }, true],
    ['g4dn.12xlarge', { Gres: 'gpu:1' }, true],
    ['c6i.2xlarge', { Gres: 'gpu:1' }, false],
    ['zz9.huge', { CPUs: '9999', Gres: 'gpu:8' }, true],
  ] as const)('%s on nodes of %o: %s', (type, declared, fits) => {
    expect(weighed([type], declared)[0]?.startsWith('+')).toBe(fits);
  });

  it('says why not', () => {
    const declared = { CPUs: '16', RealMemory: '28000', Gres: 'gpu:a100:8' };
    expect(
      weighed(['c6i.large', 'c6i.8xlarge', 'p3dn.24xlarge', 'p4d.24xlarge'], declared),
    ).toEqual([
      '- c6i.large: has 2 CPUs, the nodes declare 16',
      '- c6i.8xlarge: has 0 GPUs, the nodes declare 8',
      '- p3dn.24xlarge: has V100, the nodes declare a100',
      '+ p4d.24xlarge: as listed',
    ]);
    const perCore = { CPUs: '16', ThreadsPerCore: '1', RealMemory: '28000' };
    expect(weighed(['c6i.4xlarge', 'c5.18xlarge'], perCore)).toEqual([
      '- c6i.4xlarge: has 8 cores, the nodes declare 16',
      '+ c5.18xlarge: as listed',
    ]);
    expect(weighed(['m5.large'], { RealMemory: '8000' })).toEqual([
      '- m5.large: has 8192 MiB, the nodes declare 8000',
    ]);
  });
});

describe('4.5: the order of the candidates', () => {
  const listed = ['m5.2xlarge', 'c6i.32xlarge', 'zz1.large', 'c6i.large', 'c5n.18xlarge', 'aa1.x'];

  it.each<readonly [Wanted, string]>([
    [{ families: [], level: 'disabled' }, listed.join(' ')],
    [
      { families: ['c6i', 'm5'], level: 'optional' },
      'c6i.large c6i.32xlarge m5.2xlarge zz1.large c5n.18xlarge aa1.x',
    ],
    [
      { families: ['c6i', 'm5'], level: 'preferred' },
      'c6i.32xlarge c5n.18xlarge c6i.large m5.2xlarge zz1.large aa1.x',
    ],
    [{ families: ['c5n', 'c6i'], level: 'required' }, 'c5n.18xlarge c6i.32xlarge'],
  ])('case %#: by family, then size, then as listed; EFA first or alone', (wanted, expected) => {
    expect(types(listed, wanted)).toBe(expected);
  });

  it('EFA is a property of the size: the family alone says nothing', () => {
    expect(
      weighed(['c6i.large'], {}, { wanted: { families: ['c6i'], level: 'required' } }),
    ).toEqual(['- c6i.large: has no EFA']);
    for (const type of ['c5n.large', 'c5n.xlarge', 'c6i.large', 'c6i.xlarge']) {
      expect(capabilityOf(type).efa).toBe(false);
    }
  });
});

describe('4.5: the right size (instance_type: auto)', () => {
  const node = { CPUs: '8', RealMemory: '14000' };

  it('takes the smallest of each family of the job, in its order', () => {
    const wanted: Wanted = { families: ['c6in', 'c6i', 'c5n'], level: 'preferred' };
    expect(types(['auto'], wanted, node)).toBe('c6in.2xlarge c6i.2xlarge c5n.2xlarge');
  });

  it('never one that is too small, never a size that no family has', () => {
    const wanted: Wanted = { families: ['c5', 'c6i'], level: 'optional' };
    expect(types(['auto'], wanted, { CPUs: '32', RealMemory: '58000' })).toBe(
      'c5.9xlarge c6i.8xlarge',
    );
    expect(types(['auto'], wanted, { CPUs: '2', RealMemory: '7000' })).toBe('c5.xlarge c6i.xlarge');
    expect(types(['auto'], wanted, { CPUs: '500' })).toBe('');
  });

  it('EFA required: the smallest that has it', () => {
    const wanted: Wanted = { families: ['c6in', 'c6i', 'c5n'], level: 'required' };
    expect(types(['auto'], wanted, node)).toBe('c6in.32xlarge c6i.32xlarge c5n.9xlarge');
  });

  it('GPUs: of their number and type, and only where the nodes have them', () => {
    const wanted: Wanted = { families: ['p4d', 'p3dn', 'g4dn'], level: 'disabled' };
    expect(types(['auto'], wanted, { CPUs: '4', Gres: 'gpu:t4:4' })).toBe('g4dn.12xlarge');
    expect(types(['auto'], wanted, { CPUs: '4', Gres: 'gpu:8' })).toBe(
      'p4d.24xlarge p3dn.24xlarge',
    );
    expect(types(['auto'], { families: [], level: 'disabled' }, { Gres: 'gpu:1' })).toBe(
      'g4dn.xlarge',
    );
  });

  it('a job without families: the standard ones', () => {
    expect(types(['auto'], { families: [], level: 'disabled' }, node)).toBe(
      'c6i.2xlarge c5.2xlarge m6i.2xlarge m5.2xlarge r6i.2xlarge r5.2xlarge',
    );
  });

  it('what has no price is not chosen; the next size that has one is', () => {
    const priced = new Set(['c6i.4xlarge', 'm5.2xlarge']);
    const found = candidatesOf({
      group: group(['auto'], node),
      rateOf: (type) => (priced.has(type) ? DOLLAR : undefined),
    });
    expect(found.candidates.map(({ instanceType }) => instanceType)).toEqual([
      'c6i.4xlarge',
      'm5.2xlarge',
    ]);
  });

  it('beside listed types: each type once, those of auto in its place', () => {
    expect(types(['c5.2xlarge', 'auto'], { families: [], level: 'disabled' }, node)).toBe(
      'c5.2xlarge c6i.2xlarge m6i.2xlarge m5.2xlarge r6i.2xlarge r5.2xlarge',
    );
  });

  it('what prices must be known of: the right size of every family, and that with EFA', () => {
    const wanted = autoTypes(group(['auto'], node), SHIPPED_CATALOG);
    expect(wanted).toContain('c6i.2xlarge');
    expect(wanted).toContain('c6i.32xlarge');
    expect(wanted).toContain('hpc7a.12xlarge');
    expect(wanted).not.toContain('g4dn.2xlarge');
    expect(new Set(wanted).size).toBe(wanted.length);
  });
});

describe('4.7: EC2’s facts', () => {
  const base: TypeFacts = {
    instanceType: 'c6i.3xlarge',
    vcpus: 12,
    cores: 6,
    mib: 24_576,
    gpus: [],
    efaInterfaces: 1,
    usageClasses: ['on-demand'],
    strategies: ['partition', 'spread'],
    architectures: ['x86_64'],
    bareMetal: false,
    currentGeneration: true,
  };

  it('go before the shipped table, which speaks for the rest', () => {
    const catalog = catalogOf([{ ...base, instanceType: 'c6i.large', vcpus: 3 }], 'EC2');
    expect(catalog.of('c6i.large')).toEqual({
      vcpus: 3,
      cores: 6,
      mib: 24_576,
      gpus: [],
      efa: true,
      spot: false,
      clusterGroups: false,
    });
    expect(catalog.of('c6i.xlarge').vcpus).toBe(4);
  });

  it('a size that the table does not know is chosen when it is the right one', () => {
    const catalog = catalogOf([base], 'EC2');
    const found = candidatesOf({
      group: group(['auto'], { CPUs: '10' }),
      rateOf: () => DOLLAR,
      catalog,
      wanted: { families: ['c6i'], level: 'optional' },
    });
    expect(found.candidates.map(({ instanceType }) => instanceType)).toEqual(['c6i.3xlarge']);
  });

  it.each([
    [{ bareMetal: true }],
    [{ currentGeneration: false }],
    [{ architectures: ['arm64'] }],
  ] as const)('auto never takes %o', (odd) => {
    expect(catalogOf([{ ...base, ...odd }], '').inFamily('c6i')).not.toContain('c6i.3xlarge');
  });
});
