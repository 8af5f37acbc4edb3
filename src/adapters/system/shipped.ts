import { readFileSync } from 'node:fs';

/** job_submit.lua as shipped: the bundle carries its text; from the sources the file is read. */
export async function shippedLua(): Promise<string> {
  try {
    return (await import('../../../slurm-conf/job_submit.lua')).default;
  } catch {
    return readFileSync(new URL('../../../slurm-conf/job_submit.lua', import.meta.url), 'utf8');
  }
}
