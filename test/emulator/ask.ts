import { afterEach } from 'vitest';
import { makeSite, type Site, type SiteOptions, succeed } from './site.ts';

const sites: Site[] = [];

/** A site of one test, removed after it. */
export async function open(options: SiteOptions = {}): Promise<Site> {
  const site = await makeSite(options);
  sites.push(site);
  return site;
}

afterEach(() => {
  for (const site of sites.splice(0)) {
    site.stop();
  }
});

/** Each program writes one line: its key and its arguments. */
export const NOTE = {
  ResumeProgram: 'echo "resume $1" >> "$CALLS"',
  SuspendProgram: 'echo "suspend $1" >> "$CALLS"',
  ResumeFailProgram: 'echo "resume-fail $1" >> "$CALLS"',
  EpilogSlurmctld:
    'echo "epilog $SLURM_JOB_ID $SLURM_JOB_EXIT_CODE2 r$SLURM_JOB_RESTART_COUNT" >> "$CALLS"',
};

export async function submit(site: Site, line: string, user = 'alice'): Promise<number> {
  const { stdout } = await succeed(site.slurm(`sbatch --parsable ${line}`, user));
  return Number(stdout);
}

export async function states(site: Site, nodes: string): Promise<string> {
  const { stdout } = await succeed(site.slurm(`sinfo -h -N -o %t -n ${nodes}`));
  return [...new Set(stdout.trim().split('\n'))].join(' ');
}

export async function queued(site: Site, id: number): Promise<string> {
  return (
    await succeed(site.slurm(`squeue -h -t all -j ${id} -o %T\u00a0%r\u00a0%N`))
  ).stdout.trim();
}

export async function accounted(
  site: Site,
  id: number,
  fields: string,
): Promise<readonly string[]> {
  const { stdout } = await succeed(site.slurm(`sacct -X -D -n -P -j ${id} -o ${fields}`));
  return stdout.trim().split('\n');
}

export async function jobField(site: Site, id: number, key: string): Promise<string | undefined> {
  const { stdout } = await succeed(site.slurm(`scontrol show job -o ${id}`));
  return new RegExp(` ${key}=(\\S*)`).exec(stdout)?.[1];
}

export async function boot(site: Site, ...nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    await succeed(site.emulate('boot', node));
  }
}

export function called(site: Site): readonly string[] {
  return site.calls().split('\n').filter(Boolean);
}
