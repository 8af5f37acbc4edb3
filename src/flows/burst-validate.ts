import type { RateOf } from '../core/burst/prices.ts';
import { type Check, check, ok } from '../core/burst/validate/check.ts';
import { checkGroupInSlurm } from '../core/burst/validate/node-checks.ts';
import { checkPrices } from '../core/burst/validate/site-checks.ts';
import type { Settings } from '../core/config/settings.ts';
import { Fault, isRefused } from '../core/errors.ts';
import { isTooOld } from '../core/slurm/conf/check.ts';
import { nodeRange } from '../core/slurm/conf/lines.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { CloudSite } from '../ports/cloud-site.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';
import type { Slurm } from '../ports/slurm.ts';
import type { Clock, Files, Run } from '../ports/system.ts';
import { checkConfFile } from './steps/check-conf-file.ts';
import { lookAtCloud } from './steps/look-at-cloud.ts';

export interface BurstValidatePorts {
  readonly settings: Settings;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly slurm: Pick<Slurm, 'version' | 'nodes'>;
  readonly site: CloudSite;
  readonly care: Pick<LedgerCare, 'info' | 'verify'>;
  readonly files: Files & {
    /** '' : it can be written to, or made; else why not. */
    readonly whyNotWritable: (directory: string) => string;
    /** The file that a name stands for, by PATH; undefined: none. */
    readonly find: (command: string) => string | undefined;
  };
  readonly run: Run;
  readonly rateOf: () => RateOf;
  /** job_submit.lua as shipped. */
  readonly template: string;
  readonly self: readonly string[];
  readonly hasReboot: boolean;
}

const ADVISOR_MS = 5000;
const ADVISOR_BYTES = 65_536;

/** A Fault is what the check found; one failing part never keeps the others from being looked at. */
async function guarded(
  id: string,
  path: string,
  work: () => Promise<readonly Check[]> | readonly Check[],
): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return [check('error', id, path, [error.message, error.advice])];
  }
}

async function ledgerChecks({ care }: BurstValidatePorts): Promise<readonly Check[]> {
  const info = await care.info();
  const path = info.file;
  if (info.isLocked) {
    const fix = 'asbb ledger verify, then asbb ledger unlock';
    return [check('error', 'ledger', path, [`locked: ${info.lockedBecause}`, fix])];
  }
  const { checks } = await care.verify();
  const broken = checks.filter((each) => !(each.ok || each.isWarning)).map(({ id }) => id);
  return broken.length === 0
    ? [ok('ledger', path, `${info.transactions} transactions; ${checks.length} rules hold`)]
    : [check('error', 'ledger', path, [`${broken.join(', ')} do not hold`, 'asbb ledger verify'])];
}

async function nodeChecks({ settings, slurm }: BurstValidatePorts): Promise<readonly Check[]> {
  const nodes = await slurm.nodes();
  return settings.slurm.partitions.flatMap((partition) =>
    partition.node_groups.flatMap((group) => {
      const wanted = expandNodelist(nodeRange(partition, group));
      return checkGroupInSlurm({
        name: `${partition.partition_name}-${group.node_group_name}`,
        group,
        wanted: isNodelistError(wanted) ? [] : wanted,
        nodes,
      });
    }),
  );
}

async function confChecks(ports: BurstValidatePorts): Promise<readonly Check[]> {
  const file = ports.settings.slurm.config_path;
  const findings = await checkConfFile(file, ports);
  if (isRefused(findings)) {
    return [check('error', 'slurm-conf', file, [findings.text, 'see slurm.config_path'])];
  }
  const wrong = findings.filter(({ severity }) => severity !== 'note');
  return findings.length === 0 || wrong.length === 0
    ? [ok('slurm-conf', file, 'has what the burst partitions need'), ...findings]
    : findings;
}

async function versionChecks({ slurm, settings }: BurstValidatePorts): Promise<readonly Check[]> {
  const version = await slurm.version();
  const { bin_path } = settings.slurm;
  return isTooOld(version)
    ? [
        check('error', 'slurm-version', bin_path, [
          `SLURM ${version} is older than 22.05`,
          'use a newer SLURM, or see slurm.bin_path',
        ]),
      ]
    : [ok('slurm-version', bin_path, `SLURM ${version}`)];
}

/** What SLURM knows, and what it should (burst.md 7.7). */
async function slurmChecks(ports: BurstValidatePorts): Promise<readonly Check[]> {
  const { bin_path } = ports.settings.slurm;
  return [
    ...(await guarded('slurm-version', bin_path, () => versionChecks(ports))),
    ...(await guarded('slurm-conf', 'slurm.conf', () => confChecks(ports))),
    ...(await guarded('nodes', 'scontrol show node', () => nodeChecks(ports))),
  ];
}

function costDirectory({ settings, files }: BurstValidatePorts): Check {
  const { data_dir } = settings.cost;
  const why = files.whyNotWritable(data_dir);
  return why === ''
    ? ok('cost-dir', data_dir, 'can be written to')
    : check('error', 'cost-dir', data_dir, [
        why,
        `install -d -o ${settings.slurm.user} -m 0750 ${data_dir}`,
      ]);
}

/** The advisor answers to --version, as the original asked it (burst.md 1.5). */
async function advisorChecks(ports: BurstValidatePorts): Promise<readonly Check[]> {
  const { enabled, command } = ports.settings.absa;
  const path = `absa.command ${command}`;
  if (enabled === 'false') {
    return [check('skipped', 'advisor', path, ['absa.enabled is false', 'nothing'])];
  }
  const program = ports.files.find(command);
  if (program === undefined) {
    const isWanted = enabled === 'true';
    const message = isWanted ? 'is not there' : 'is not there: nodes are chosen without an advisor';
    const fix = isWanted ? 'install it, or absa.enabled: false' : 'nothing, or install it';
    return [check(isWanted ? 'error' : 'note', 'advisor', path, [message, fix])];
  }
  const { exitCode, stdout } = await ports.run.run(program, ['--version'], {
    timeoutMs: ADVISOR_MS,
    maxOutputBytes: ADVISOR_BYTES,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const answer = stdout.trim().split('\n', 1)[0] ?? '';
  return exitCode === 0
    ? [ok('advisor', path, answer === '' ? 'answers' : answer)]
    : [check('error', 'advisor', path, [`--version ends with ${exitCode}`, 'try it by hand'])];
}

/** AWS and SLURM asked about what the configuration names: `validate config --live`. */
export async function liveChecks(ports: BurstValidatePorts): Promise<readonly Check[]> {
  const { region } = ports.settings.aws;
  return [
    ...(await slurmChecks(ports)),
    ...(region === ''
      ? [check('skipped', 'caller', 'aws.region', ['there are no burst partitions', 'nothing'])]
      : await guarded('aws', 'aws', () => lookAtCloud(ports))),
  ];
}

/** Every check of burst.md 1.5, in its order. */
export async function validateIntegration(ports: BurstValidatePorts): Promise<readonly Check[]> {
  const { settings } = ports;
  const [slurm, cloud] = [
    await slurmChecks(ports),
    settings.aws.region === '' ? [] : await guarded('aws', 'aws', () => lookAtCloud(ports)),
  ];
  return [
    ok('config', settings.source || 'the defaults', 'parses'),
    ...(await guarded('ledger', settings.database.dsn, () => ledgerChecks(ports))),
    ...slurm,
    ...cloud,
    costDirectory(ports),
    ...(await guarded('prices', settings.cost.price_file, () =>
      checkPrices(settings, ports.rateOf()),
    )),
    ...(await guarded('advisor', 'absa.command', () => advisorChecks(ports))),
  ];
}
