import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from './relevant.ts';

const SYSTEM_CONFIG = '/etc/asbb/config.yaml';
/** Of the original's programs, which is what people still type (burst.md CMD-2). */
const ORIGINAL_CONFIG = '/etc/slurm/aws-burst.yaml';
const SLURM_USER = /^[ \t]+user:[ \t]*["']?([A-Za-z0-9_.-]+)/mu;

export interface Caller {
  readonly environment: Environment;
  /** `--config`; undefined or '': not given. */
  readonly flag?: string | undefined;
  readonly workingDirectory: string;
  /** Is that user the one we act as? */
  readonly isUser: (name: string) => boolean;
  /** A burst command typed by hand: the original's place counts too, after all others. */
  readonly mayBeOriginal?: boolean | undefined;
}

function slurmUser(environment: Environment): string {
  if (environment['ASBB_SLURM_USER'] !== undefined) {
    return environment['ASBB_SLURM_USER'];
  }
  try {
    return SLURM_USER.exec(readFileSync(SYSTEM_CONFIG, 'utf8'))?.[1] ?? 'slurm';
  } catch {
    return 'slurm';
  }
}

/** Acting with another user's rights, so that nothing in a directory of theirs may decide for us. */
function hasOthersRights({ environment, isUser }: Caller): boolean {
  const uid = process.geteuid?.() ?? 0;
  return (
    uid === 0 ||
    uid !== process.getuid?.() ||
    environment['SUDO_UID'] !== undefined ||
    isUser(slurmUser(environment))
  );
}

/** The file that is to be read; '' when none is there (budget.md 6.1, burst.md CMD-2). */
export function findConfig(caller: Caller): string {
  const { environment, flag = '', workingDirectory } = caller;
  const named = flag === '' ? (environment['ASBB_CONFIG'] ?? '') : flag;
  if (named !== '') {
    return resolve(workingDirectory, named);
  }
  const home = environment['HOME'] ?? '';
  const candidates = hasOthersRights(caller)
    ? [SYSTEM_CONFIG]
    : [
        resolve(workingDirectory, 'config.yaml'),
        SYSTEM_CONFIG,
        ...(home === '' ? [] : [resolve(home, '.asbb/config.yaml')]),
      ];
  const places = caller.mayBeOriginal === true ? [...candidates, ORIGINAL_CONFIG] : candidates;
  return places.find((path) => existsSync(path)) ?? '';
}
