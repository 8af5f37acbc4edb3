import { z } from 'zod';

const found = {
  id: z.string().meta({ description: 'Stable name of what was looked at.' }),
  path: z.string(),
  message: z.string(),
  fix: z.string(),
};

export const Finding = z.strictObject({
  ...found,
  severity: z.enum(['error', 'warning', 'note']),
});

/** `asbb burst validate config --json`, `asbb burst validate plan --json`. */
export const Findings = z.array(Finding);
export type Findings = z.infer<typeof Findings>;

/** `asbb burst validate integration --json`: what is in order too. */
export const Checks = z.array(
  z.strictObject({
    ...found,
    severity: z.enum(['ok', 'note', 'warning', 'error', 'skipped']),
  }),
);
export type Checks = z.infer<typeof Checks>;
