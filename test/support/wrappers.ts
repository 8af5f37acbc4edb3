import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SHIPPED = resolve(import.meta.dirname, '../../slurm-conf');
const HOOKS = ['resume', 'suspend', 'resume-fail', 'epilog'] as const;

/**
 * The two-line wrappers that slurm.conf names, as shipped, for a site below `root`: another place of
 * the binary, and the configuration named, since SLURM passes neither PATH nor ASBB_CONFIG. An epilog
 * is not delivered for jobs that have a file in `root`/lost.
 */
export function installWrappers(root: string): void {
  for (const hook of HOOKS) {
    const shipped = readFileSync(join(SHIPPED, hook), 'utf8');
    const lost = hook === 'epilog' ? `[ -e ${root}/lost/$SLURM_JOB_ID ] && exit 0\n` : '';
    const text = shipped
      .replace('/usr/bin/asbb', `${root}/bin/asbb`)
      .replace('exec ', `${lost}export ASBB_CONFIG=${root}/config.yaml\nexec `);
    const file = join(root, 'libexec', hook);
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
}
