import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SHIPPED = resolve(import.meta.dirname, '../../slurm-conf');

/** The wrappers that slurm.conf may name, by the words after `asbb hook`. */
export const WRAPPERS = ['resume', 'suspend', 'resume-fail', 'epilog', 'reboot', 'prolog'] as const;

/** The wrapper as shipped. */
export function shippedWrapper(hook: string): string {
  return readFileSync(join(SHIPPED, hook), 'utf8');
}

/**
 * The two-line wrappers as shipped, for a site below `root`: another place of the binary and of its
 * configuration. An epilog is not delivered for jobs that have a file in `root`/lost.
 */
export function installWrappers(root: string): void {
  for (const hook of WRAPPERS) {
    const lost = hook === 'epilog' ? `[ -e ${root}/lost/$SLURM_JOB_ID ] && exit 0\n` : '';
    const text = shippedWrapper(hook)
      .replace('/usr/bin/asbb', `${root}/bin/asbb`)
      .replace('/etc/asbb/config.yaml', `${root}/config.yaml`)
      .replace('\nexport', `\n${lost}export`);
    const file = join(root, 'libexec', hook);
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
}
