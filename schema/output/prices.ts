import { z } from 'zod';
import { Dollars } from './common.ts';

/** `asbb prices update --json`. */
export const PricesUpdate = z.strictObject({
  file: z.string(),
  date: z.string().meta({ description: 'YYYY-MM-DD, at the site.' }),
  region: z.string(),
  written: z.boolean().meta({ description: 'False with --dry-run.' }),
  prices: z.array(
    z.strictObject({
      instance_type: z.string(),
      on_demand_per_hour: Dollars.meta({ description: 'Rounded to micro-dollars.' }),
      on_demand_e10: z.string().meta({ description: '1e-10 dollars per hour: the exact price.' }),
      before_per_hour: Dollars.optional(),
    }),
  ),
});

export type PricesUpdate = z.infer<typeof PricesUpdate>;
