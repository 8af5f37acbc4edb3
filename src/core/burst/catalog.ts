import {
  type Capability,
  capabilityOf,
  familyOf,
  type GpuFacts,
  SHIPPED_DATE,
  shippedTypes,
} from './capability.ts';

/** One instance type as EC2 describes it (DescribeInstanceTypes, burst.md 4.7). */
export interface TypeFacts {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly cores: number;
  readonly mib: number;
  readonly gpus: readonly GpuFacts[];
  readonly efaInterfaces: number;
  /** `on-demand`, `spot`, `capacity-block`. */
  readonly usageClasses: readonly string[];
  /** Of placement groups: `cluster`, `partition`, `spread`. */
  readonly strategies: readonly string[];
  readonly architectures: readonly string[];
  readonly bareMetal: boolean;
  readonly currentGeneration: boolean;
}

/** A zone in which EC2 sells a type. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
}

/** What EC2 said of instance types, kept with its date (burst.md 4.7). */
export interface StoredCatalog {
  readonly askedS: number;
  readonly region: string;
  /** Names and patterns that were asked for. */
  readonly names: readonly string[];
  readonly types: readonly TypeFacts[];
  readonly offerings: readonly Offering[];
}

/** What is known of instance types, and from where. */
export interface Catalog {
  /** Of a type that nobody knows: what its family's name says. */
  readonly of: (instanceType: string) => Capability;
  /** Types of a family that a node may be chosen from (`instance_type: auto`): no bare metal, x86_64. */
  readonly inFamily: (family: string) => readonly string[];
  /** Where it is from: `EC2, asked 2026-11-21T12:00:00Z`, `the shipped table of …`. */
  readonly source: string;
}

/** For use without a network, and by hooks that may not use one. */
export const SHIPPED_CATALOG: Catalog = {
  of: capabilityOf,
  inFamily: shippedTypes,
  source: `the shipped table of ${SHIPPED_DATE}`,
};

/** EC2's answer first; what it did not speak of is the shipped table's. */
export function catalogOf(facts: readonly TypeFacts[], source: string): Catalog {
  const byType = new Map(facts.map((each) => [each.instanceType, each]));
  const asked = Map.groupBy(facts, ({ instanceType }) => familyOf(instanceType));
  return {
    of: (instanceType) => {
      const known = byType.get(instanceType);
      return known === undefined ? capabilityOf(instanceType) : capability(known);
    },
    inFamily: (family) => {
      const types = (asked.get(family) ?? [])
        .filter(isForAnyone)
        .map(({ instanceType }) => instanceType);
      return [...new Set([...shippedTypes(family), ...types])];
    },
    source,
  };
}

function isForAnyone({ architectures, bareMetal, currentGeneration }: TypeFacts): boolean {
  return currentGeneration && !bareMetal && architectures.includes('x86_64');
}

function capability(facts: TypeFacts): Capability {
  return {
    vcpus: facts.vcpus,
    cores: facts.cores,
    mib: facts.mib,
    gpus: facts.gpus,
    efa: facts.efaInterfaces > 0,
    spot: facts.usageClasses.includes('spot'),
    clusterGroups: facts.strategies.includes('cluster'),
  };
}
