import { posix } from 'node:path';
import type { Config } from '../../../schema/config/config.ts';
import type { NodeGroupSettings, PartitionSettings, Settings } from '../../core/config/settings.ts';

const BOOT_SECONDS = 180;
/** Of boot_timeout: what is left of ResumeTimeout for the abort. */
const ABORT_SECONDS = 60;
const LOCK_WAIT_MS = { submit: 1500, modify: 1500, epilog: 4000, default: 30_000 };

type ConfigGroup = Config['slurm']['partitions'][number]['node_groups'][number];

function nodeGroup(group: ConfigGroup, config: Config): NodeGroupSettings {
  const { slurm, aws } = config;
  return {
    ...group,
    region: group.region ?? aws.region ?? '',
    boot_timeout: group.boot_timeout ?? Math.max(1, slurm.resume_timeout - ABORT_SECONDS),
  };
}

function partitions(config: Config): readonly PartitionSettings[] {
  return config.slurm.partitions.map((partition) => ({
    ...partition,
    node_groups: partition.node_groups.map((group) => nodeGroup(group, config)),
  }));
}

function overheadSeconds({ cost, slurm }: Config): number {
  const idle = cost.charge_idle === 'job' ? slurm.suspend_time + slurm.suspend_timeout : 0;
  return cost.overhead_seconds ?? BOOT_SECONDS + idle;
}

/** A directory (the form of the budget original) means slurm.conf in it; a file's name has a dot. */
export function slurmConfPath(configPath: string): string {
  const path = posix.normalize(configPath);
  return posix.basename(path).includes('.') ? path : posix.join(path, 'slurm.conf');
}

/** Fills in the defaults that depend on other keys. */
export function settingsFrom(config: Config, source: string, clusterName: string): Settings {
  const { database, cost, aws, slurm } = config;
  return {
    ...config,
    source,
    database: { ...database, lock_wait: { ...LOCK_WAIT_MS, ...database.lock_wait } },
    cost: { ...cost, overhead_seconds: overheadSeconds(config) },
    aws: {
      ...aws,
      region: aws.region ?? '',
      credentials_profile:
        aws.credentials_profile ??
        (aws.authentication_method === 'profile' ? 'default' : undefined),
      // Lists of words in the schema; the type narrows what the schema has checked.
      retry_mode: aws.retry_mode,
    },
    slurm: {
      ...slurm,
      cluster_name: slurm.cluster_name ?? clusterName,
      bin_path: slurm.bin_path.endsWith('/') ? slurm.bin_path : `${slurm.bin_path}/`,
      config_path: slurmConfPath(slurm.config_path),
      state_dir: posix.normalize(slurm.state_dir ?? posix.dirname(database.dsn)),
      private_data: slurm.private_data.toUpperCase(),
      partitions: partitions(config),
    },
  };
}
