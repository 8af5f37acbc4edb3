import { AUTO, AUTO_FAMILIES } from '../../core/burst/candidates.ts';
import {
  type Catalog,
  catalogOf,
  SHIPPED_CATALOG,
  type StoredCatalog,
} from '../../core/burst/catalog.ts';
import { Fault } from '../../core/errors.ts';
import { formatInstant } from '../../core/slurm/instant.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';

export type TypePorts = Pick<BurstPorts, 'catalog' | 'cloud' | 'clock' | 'log' | 'settings'>;

/** What is known of the types that a launch may use, and in which zones they are sold. */
export interface KnownTypes {
  readonly catalog: Catalog;
  /** `type|zone`; undefined: not known. */
  readonly offered: ReadonlySet<string> | undefined;
  /** Types that `offered` speaks of. */
  readonly askedTypes: ReadonlySet<string>;
}

const MS_PER_SECOND = 1000;

/**
 * From the cache while it is younger than `burst.catalog_max_age` and speaks of every type; else EC2 is
 * asked, and where that fails the old answer or the shipped table stands, with a line in the log.
 */
export async function knownTypes(
  instanceTypes: readonly string[],
  ports: TypePorts,
): Promise<KnownTypes> {
  const names = namesOf(instanceTypes);
  const stored = storedCatalog(ports);
  return stored !== undefined && isFresh(stored, names, ports)
    ? known(stored)
    : await askAnew(names, stored, ports);
}

/** What the cache says, however old; else the shipped table. Asks nobody. */
export function cachedCatalog(ports: Pick<BurstPorts, 'catalog' | 'settings'>): Catalog {
  const stored = storedCatalog(ports);
  return stored === undefined ? SHIPPED_CATALOG : known(stored).catalog;
}

function storedCatalog({
  catalog,
  settings,
}: Pick<BurstPorts, 'catalog' | 'settings'>): StoredCatalog | undefined {
  const stored = catalog.read();
  return stored?.region === settings.aws.region ? stored : undefined;
}

/** `auto` stands for every family that a rule may name. */
function namesOf(instanceTypes: readonly string[]): readonly string[] {
  const names = instanceTypes.flatMap((type) =>
    type === AUTO ? AUTO_FAMILIES.map((family) => `${family}.*`) : [type],
  );
  return [...new Set(names)];
}

/** A clock that was put back makes nothing old. */
function isFresh(stored: StoredCatalog, names: readonly string[], ports: TypePorts): boolean {
  const ageMs = (nowS(ports) - stored.askedS) * MS_PER_SECOND;
  const asked = new Set(stored.names);
  return ageMs < ports.settings.burst.catalog_max_age && names.every((name) => asked.has(name));
}

function known(stored: StoredCatalog): KnownTypes {
  const { types, offerings } = stored;
  return {
    catalog: catalogOf(types, `EC2, asked ${formatInstant(stored.askedS)}Z`),
    offered: new Set(offerings.map(({ instanceType, zone }) => `${instanceType}|${zone}`)),
    askedTypes: new Set([
      ...stored.names,
      ...types.map(({ instanceType }) => instanceType),
      ...offerings.map(({ instanceType }) => instanceType),
    ]),
  };
}

async function askAnew(
  names: readonly string[],
  stored: StoredCatalog | undefined,
  ports: TypePorts,
): Promise<KnownTypes> {
  const all = [...new Set([...names, ...(stored?.names ?? [])])];
  try {
    const { cloud } = ports;
    const [types, offerings] = await Promise.all([cloud.instanceTypes(all), cloud.offerings(all)]);
    const { region } = ports.settings.aws;
    const fresh = { askedS: nowS(ports), region, names: all, types, offerings };
    keep(fresh, ports);
    return known(fresh);
  } catch (error) {
    const { message } = asFault(error);
    if (stored !== undefined) {
      const askedAt = `${formatInstant(stored.askedS)}Z`;
      ports.log.write('warn', 'types_not_asked', { asked_at: askedAt, msg: message });
      return known(stored);
    }
    ports.log.write('warn', 'types_unknown', { used: SHIPPED_CATALOG.source, msg: message });
    return { catalog: SHIPPED_CATALOG, offered: undefined, askedTypes: new Set(names) };
  }
}

function keep(fresh: StoredCatalog, { catalog, log }: TypePorts): void {
  try {
    catalog.write(fresh);
  } catch (error) {
    log.write('warn', 'types_not_kept', { msg: asFault(error).message });
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) {
    return error;
  }
  throw error;
}
