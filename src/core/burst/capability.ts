// What an instance type can do: a snapshot of burst.md 4.7 for use without a network. A type that is
// not listed is taken as fitting; only what is known can speak against it.

export interface GpuFacts {
  /** As EC2 names it: `T4`, `A100`. */
  readonly name: string;
  readonly count: number;
}

export interface Capability {
  readonly vcpus?: number | undefined;
  /** Fewer than vCPUs where each of them is a hyper-thread. */
  readonly cores?: number | undefined;
  readonly mib?: number | undefined;
  /** Undefined: not known. */
  readonly gpus?: readonly GpuFacts[] | undefined;
  readonly efa: boolean;
  readonly spot: boolean;
  /** Cluster placement groups: burstable types have none. */
  readonly clusterGroups: boolean;
}

interface Family {
  readonly sizes: readonly string[];
  readonly perVcpu: number;
  readonly efa: readonly string[];
}

const GIB = 1024;
const HYPERTHREADS = 2;
const SMALL = ['large', 'xlarge', '2xlarge', '4xlarge'];
const FIFTH = [...SMALL, '8xlarge', '12xlarge', '16xlarge', '24xlarge'];
const SIXTH = [...FIFTH, '32xlarge'];
const [PER_C, PER_M, PER_R] = [2 * GIB, 4 * GIB, 8 * GIB];

function family(sizes: readonly string[], perVcpu: number, efa: readonly string[] = []): Family {
  return { sizes, perVcpu, efa };
}

/** Families that the rules of burst.md 4.5 choose from, with every size but bare metal. */
const FAMILIES: Readonly<Record<string, Family>> = {
  c6i: family(SIXTH, PER_C, ['32xlarge']),
  c6in: family(SIXTH, PER_C, ['32xlarge']),
  m6i: family(SIXTH, PER_M, ['32xlarge']),
  r6i: family(SIXTH, PER_R, ['32xlarge']),
  c5: family([...SMALL, '9xlarge', '12xlarge', '18xlarge', '24xlarge'], PER_C),
  c5n: family([...SMALL, '9xlarge', '18xlarge'], 0, ['9xlarge', '18xlarge']),
  m5: family(FIFTH, PER_M),
  r5: family(FIFTH, PER_R),
  r5n: family(FIFTH, PER_R, ['24xlarge']),
  hpc6a: family(['48xlarge'], 0, ['48xlarge']),
  hpc6id: family(['32xlarge'], 0, ['32xlarge']),
  hpc7a: family(['12xlarge', '24xlarge', '48xlarge', '96xlarge'], 0, [
    '12xlarge',
    '24xlarge',
    '48xlarge',
    '96xlarge',
  ]),
  p4d: family(['24xlarge'], 0, ['24xlarge']),
  p3dn: family(['24xlarge'], 0, ['24xlarge']),
  g4dn: family(['xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'], PER_M, [
    '8xlarge',
    '12xlarge',
    '16xlarge',
  ]),
};

/** Further families whose sizes follow the rule of their letter. */
const MIB_PER_VCPU: Readonly<Record<string, number>> = { c: PER_C, m: PER_M, r: PER_R };
const STANDARD_FAMILY = /^([cmr])(?:5|5a|5n|6a|6i|6in|7a|7i|5d|5dn|6id)$/u;
/** One thread a core: no hyper-threads. */
const WHOLE_CORES = /^(?:hpc|[cmr]7a$)/u;

const VCPUS_BY_SIZE: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '9xlarge': 36,
  '12xlarge': 48,
  '16xlarge': 64,
  '18xlarge': 72,
  '24xlarge': 96,
  '32xlarge': 128,
  '48xlarge': 192,
};

interface Size {
  readonly vcpus: number;
  readonly mib: number;
}

/** Sizes that do not follow the rule of their family. */
const LISTED: Readonly<Record<string, Size>> = {
  'hpc6a.48xlarge': { vcpus: 96, mib: 384 * GIB },
  'hpc6id.32xlarge': { vcpus: 64, mib: 1024 * GIB },
  'hpc7a.12xlarge': { vcpus: 24, mib: 768 * GIB },
  'hpc7a.24xlarge': { vcpus: 48, mib: 768 * GIB },
  'hpc7a.48xlarge': { vcpus: 96, mib: 768 * GIB },
  'hpc7a.96xlarge': { vcpus: 192, mib: 768 * GIB },
  'hpc7g.4xlarge': { vcpus: 16, mib: 128 * GIB },
  'hpc7g.8xlarge': { vcpus: 32, mib: 128 * GIB },
  'hpc7g.16xlarge': { vcpus: 64, mib: 128 * GIB },
  'c5n.large': { vcpus: 2, mib: 5.25 * GIB },
  'c5n.xlarge': { vcpus: 4, mib: 10.5 * GIB },
  'c5n.2xlarge': { vcpus: 8, mib: 21 * GIB },
  'c5n.4xlarge': { vcpus: 16, mib: 42 * GIB },
  'c5n.9xlarge': { vcpus: 36, mib: 96 * GIB },
  'c5n.18xlarge': { vcpus: 72, mib: 192 * GIB },
  'p4d.24xlarge': { vcpus: 96, mib: 1152 * GIB },
  'p3dn.24xlarge': { vcpus: 96, mib: 768 * GIB },
};

/** EFA is a property of the size, not of the family: these beside the families above. */
const EFA_SIZES: Readonly<Record<string, readonly string[]>> = {
  hpc7g: ['4xlarge', '8xlarge', '16xlarge'],
  c5n: ['metal'],
  c6a: ['48xlarge', 'metal'],
  c6i: ['metal'],
  c6in: ['metal'],
  c7i: ['48xlarge', 'metal-48xl'],
  g4dn: ['metal'],
  m5dn: ['24xlarge', 'metal'],
  m5n: ['24xlarge', 'metal'],
  m6i: ['metal'],
  m7i: ['48xlarge', 'metal-48xl'],
  p5: ['4xlarge', '48xlarge'],
  r5dn: ['24xlarge', 'metal'],
  r5n: ['metal'],
  r6i: ['metal'],
  r6in: ['32xlarge', 'metal'],
  r7i: ['48xlarge', 'metal-48xl'],
  trn1: ['32xlarge'],
  trn1n: ['32xlarge'],
};

const GPU_COUNTS: Readonly<Record<string, GpuFacts>> = {
  'p4d.24xlarge': { name: 'A100', count: 8 },
  'p3dn.24xlarge': { name: 'V100', count: 8 },
  'g4dn.xlarge': { name: 'T4', count: 1 },
  'g4dn.2xlarge': { name: 'T4', count: 1 },
  'g4dn.4xlarge': { name: 'T4', count: 1 },
  'g4dn.8xlarge': { name: 'T4', count: 1 },
  'g4dn.12xlarge': { name: 'T4', count: 4 },
  'g4dn.16xlarge': { name: 'T4', count: 1 },
};
const WITHOUT_GPUS = /^(?:hpc|[cmr][0-9])/u;

/** Date of this table, shown where it is used. */
export const SHIPPED_DATE = '2026-11-21';

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function familyOf(instanceType: string): string {
  const dot = instanceType.indexOf('.');
  return dot < 0 ? instanceType : instanceType.slice(0, dot);
}

/** All sizes of one of the families that rules choose from; none of any other. */
export function shippedTypes(familyName: string): readonly string[] {
  return (own(FAMILIES, familyName)?.sizes ?? []).map((size) => `${familyName}.${size}`);
}

export function capabilityOf(instanceType: string): Capability {
  const name = familyOf(instanceType);
  const size = instanceType.slice(name.length + 1);
  const facts = own(LISTED, instanceType) ?? bySize(name, size);
  const isEfa = own(FAMILIES, name)?.efa.includes(size) ?? false;
  const gpu = own(GPU_COUNTS, instanceType);
  return {
    ...(facts === undefined ? {} : { ...facts, cores: coresOf(name, facts) }),
    gpus: gpu === undefined ? noGpus(name) : [gpu],
    efa: isEfa || (own(EFA_SIZES, name)?.includes(size) ?? false),
    spot: !name.startsWith('hpc'),
    clusterGroups: !name.startsWith('t'),
  };
}

function noGpus(familyName: string): readonly GpuFacts[] | undefined {
  return WITHOUT_GPUS.test(familyName) ? [] : undefined;
}

function coresOf(familyName: string, { vcpus }: Size): number {
  return WHOLE_CORES.test(familyName) ? vcpus : vcpus / HYPERTHREADS;
}

function bySize(familyName: string, size: string): Size | undefined {
  const [, letter = ''] = STANDARD_FAMILY.exec(familyName) ?? [];
  const perVcpu = own(FAMILIES, familyName)?.perVcpu ?? own(MIB_PER_VCPU, letter);
  const vcpus = own(VCPUS_BY_SIZE, size);
  return perVcpu === undefined || perVcpu === 0 || vcpus === undefined
    ? undefined
    : { vcpus, mib: vcpus * perVcpu };
}
