import { z } from 'zod';

export const ConfigValidate = z.strictObject({
  /** '' when there is none. */
  file: z.string(),
  problems: z.array(
    z.strictObject({
      where: z.string(),
      key: z.string(),
      message: z.string(),
      got: z.string().optional(),
    }),
  ),
  notes: z.array(z.string()),
});
export type ConfigValidate = z.infer<typeof ConfigValidate>;

export const ConfigShow = z.strictObject({
  file: z.string(),
  values: z.array(z.strictObject({ key: z.string(), value: z.string(), origin: z.string() })),
});
export type ConfigShow = z.infer<typeof ConfigShow>;

/** `text` on stdout, or the file that was written. */
export const ConfigInit = z.strictObject({
  file: z.string().optional(),
  text: z.string().optional(),
});
export type ConfigInit = z.infer<typeof ConfigInit>;
