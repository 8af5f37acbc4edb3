import { z } from 'zod';

const Words = z.array(z.string());
const Condition = z.record(z.string(), z.record(z.string(), z.union([z.string(), Words])));

/** `asbb burst iam-policy --json`: the policy itself (burst.md 5.8). */
export const IamPolicy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: Words,
      Resource: Words,
      Condition: Condition.optional(),
    }),
  ),
});
export type IamPolicy = z.infer<typeof IamPolicy>;
