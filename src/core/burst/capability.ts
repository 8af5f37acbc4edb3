// What an instance type can do: a snapshot of burst.md 4.7 for use without a network. A type that is
// not listed is taken as fitting; only what is known can speak against it.

export interface Capability {
  readonly vcpus?: number;
  readonly mib?: number;
  readonly efa: boolean;
  readonly spot: boolean;
  /** Cluster placement groups: burstable types have none. */
  readonly clusterGroups: boolean;
}

interface Size {
  readonly vcpus: number;
  readonly mib: number;
}

const GIB = 1024;
/** Memory per vCPU of the general families, by the letter of the family. */
const MIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2 * GIB, m: 4 * GIB, r: 8 * GIB };
const STANDARD_FAMILY = /^([cmr])(?:5|5a|5n|6a|6i|6in|7a|7i|5d|5dn|6id)$/;

const VCPUS_BY_SIZE: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
  '32xlarge': 128,
  '48xlarge': 192,
};

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
  'c5.9xlarge': { vcpus: 36, mib: 72 * GIB },
  'c5.18xlarge': { vcpus: 72, mib: 144 * GIB },
  'c5n.large': { vcpus: 2, mib: 5.25 * GIB },
  'c5n.xlarge': { vcpus: 4, mib: 10.5 * GIB },
  'c5n.2xlarge': { vcpus: 8, mib: 21 * GIB },
  'c5n.4xlarge': { vcpus: 16, mib: 42 * GIB },
  'c5n.9xlarge': { vcpus: 36, mib: 96 * GIB },
  'c5n.18xlarge': { vcpus: 72, mib: 192 * GIB },
  'p4d.24xlarge': { vcpus: 96, mib: 1152 * GIB },
  'p3dn.24xlarge': { vcpus: 96, mib: 768 * GIB },
};

/** EFA is a property of the size, not of the family. */
const EFA_SIZES: Readonly<Record<string, readonly string[]>> = {
  hpc6a: ['48xlarge'],
  hpc6id: ['32xlarge'],
  hpc7a: ['12xlarge', '24xlarge', '48xlarge', '96xlarge'],
  hpc7g: ['4xlarge', '8xlarge', '16xlarge'],
  c5n: ['9xlarge', '18xlarge', 'metal'],
  c6a: ['48xlarge', 'metal'],
  c6i: ['32xlarge', 'metal'],
  c6in: ['32xlarge', 'metal'],
  c7i: ['48xlarge', 'metal-48xl'],
  g4dn: ['8xlarge', '12xlarge', '16xlarge', 'metal'],
  m5dn: ['24xlarge', 'metal'],
  m5n: ['24xlarge', 'metal'],
  m6i: ['32xlarge', 'metal'],
  m7i: ['48xlarge', 'metal-48xl'],
  p3dn: ['24xlarge'],
  p4d: ['24xlarge'],
  p5: ['4xlarge', '48xlarge'],
  r5dn: ['24xlarge', 'metal'],
  r5n: ['24xlarge', 'metal'],
  r6i: ['32xlarge', 'metal'],
  r6in: ['32xlarge', 'metal'],
  r7i: ['48xlarge', 'metal-48xl'],
  trn1: ['32xlarge'],
  trn1n: ['32xlarge'],
};

export function capabilityOf(instanceType: string): Capability {
  const dot = instanceType.indexOf('.');
  const family = instanceType.slice(0, dot);
  const size = instanceType.slice(dot + 1);
  return {
    ...sizeOf(instanceType, family, size),
    efa: Object.hasOwn(EFA_SIZES, family) && (EFA_SIZES[family]?.includes(size) ?? false),
    spot: !family.startsWith('hpc'),
    clusterGroups: !family.startsWith('t'),
  };
}

function sizeOf(instanceType: string, family: string, size: string): Partial<Size> {
  if (Object.hasOwn(LISTED, instanceType)) {
    return LISTED[instanceType] ?? {};
  }
  const [, letter = ''] = STANDARD_FAMILY.exec(family) ?? [];
  const perVcpu = MIB_PER_VCPU[letter];
  const vcpus = Object.hasOwn(VCPUS_BY_SIZE, size) ? VCPUS_BY_SIZE[size] : undefined;
  return perVcpu === undefined || vcpus === undefined ? {} : { vcpus, mib: vcpus * perVcpu };
}
