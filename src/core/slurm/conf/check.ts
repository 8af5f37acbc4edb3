import { type Checked, type Finding, finding, type Severity } from './finding.ts';
import { checkNodes } from './nodes.ts';
import { checkParameters } from './parameters.ts';

const LEAST = { major: 22, minor: 5 };
const TIMEOUT = '/usr/bin/timeout';
const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function checkLua({ facts }: Checked): readonly Finding[] {
  const fix = 'asbb slurm conf --lua, beside slurm.conf';
  if (facts.luaText === undefined) {
    const message = 'is not beside slurm.conf: slurmctld does not start';
    return [finding('error', 'job_submit.lua', message, fix)];
  }
  return facts.luaText === facts.luaWanted
    ? []
    : [finding('error', 'job_submit.lua', 'is not what this configuration needs', fix)];
}

/** burst.md 7.7: older ones power nodes differently. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < LEAST.major || (major === LEAST.major && minor < LEAST.minor);
}

function checkVersion(version: string | undefined): readonly Finding[] {
  if (version === undefined) {
    const message = 'SLURM did not say which version it is';
    return [finding('warning', 'version', message, 'see slurm.bin_path')];
  }
  return isTooOld(version)
    ? [finding('error', 'version', `SLURM ${version} is older than 22.05`, 'use a newer SLURM')]
    : [];
}

function checkTimeout({ facts }: Checked): readonly Finding[] {
  const message = 'is not there: job_submit.lua has no deadline';
  return facts.isExecutable(TIMEOUT)
    ? []
    : [finding('error', TIMEOUT, message, 'install coreutils')];
}

/** Does this slurm.conf do what the burst partitions need (burst.md 7.7)? Worst findings first. */
export function checkSlurmConf(checked: Checked): readonly Finding[] {
  const found = [
    ...checkParameters(checked),
    ...checkNodes(checked),
    ...checkLua(checked),
    ...checkTimeout(checked),
    ...checkVersion(checked.facts.version),
  ];
  return found.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}
