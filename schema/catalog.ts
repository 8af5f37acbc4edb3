import { z } from 'zod';
import type { StoredCatalog } from '../src/core/burst/catalog.ts';

const Name = z.string().min(1).max(64);
const Count = z.int().nonnegative();

/** `<state_dir>/catalog.json`: what EC2 said of instance types (burst.md 4.7). */
export const CatalogFile = z.object({
  version: z.literal(1),
  askedS: z.int().nonnegative(),
  region: z.string(),
  names: z.array(Name),
  types: z.array(
    z.object({
      instanceType: Name,
      vcpus: Count,
      cores: Count,
      mib: Count,
      gpus: z.array(z.object({ name: z.string(), count: Count })),
      efaInterfaces: Count,
      usageClasses: z.array(z.string()),
      strategies: z.array(z.string()),
      architectures: z.array(z.string()),
      bareMetal: z.boolean(),
      currentGeneration: z.boolean(),
    }),
  ),
  offerings: z.array(z.object({ instanceType: Name, zone: z.string() })),
}) satisfies z.ZodType<StoredCatalog>;
