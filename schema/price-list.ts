import { z } from 'zod';

// What the price list service says of one product (fake-ec2.md 9, AWS Price List Query API): JSON in a
// string. Only what is looked at; all else may come and go.

const Dimension = z.object({
  unit: z.string(),
  beginRange: z.string().optional(),
  endRange: z.string().optional(),
  pricePerUnit: z.record(z.string(), z.string()),
});

const Term = z.object({ priceDimensions: z.record(z.string(), Dimension) });

export const PriceListProduct = z.object({
  product: z.object({ attributes: z.record(z.string(), z.string()) }),
  terms: z.object({ OnDemand: z.record(z.string(), Term).optional() }).optional(),
});

export type PriceListProduct = z.infer<typeof PriceListProduct>;
