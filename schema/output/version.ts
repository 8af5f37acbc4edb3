import { z } from 'zod';

export const Version = z.strictObject({
  version: z.string(),
  git_commit: z.string(),
  build_time: z.string(),
  runtime: z.string(),
  os: z.string(),
  arch: z.string(),
});
export type Version = z.infer<typeof Version>;
