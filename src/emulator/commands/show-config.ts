import type { World } from '../model/world.ts';
import { showTime } from '../times.ts';
import { CONFIG_DEFAULTS } from './config-defaults.ts';

const NAME_WIDTH = 23;
const NUMBER = /^-?[0-9]+$/;
const UNIT = /^[0-9]+ (sec|min|nodes\/min|usec|percent)$/;
const NEVER = new Set(['-1', 'INFINITE', 'NONE']);
const BASE_TRES = 'cpu,mem,energy,node,billing,fs/disk,vmem,pages';

/** `scontrol show config`: the keys of 22.05 in its order, ours where slurm.conf sets them. */
export function configText(world: World, nowUs: number): string {
  const defaults = CONFIG_DEFAULTS.trim()
    .split('\n')
    .map((line) => line.split('|') as [string, string]); // every line of the table has its bar
  const lines = defaults.map(
    ([key, otherwise]) => `${key.padEnd(NAME_WIDTH)} = ${shownValue(world, nowUs, key, otherwise)}`,
  );
  return [
    `Configuration data as of ${showTime(nowUs)}`,
    ...lines,
    '',
    'Slurmctld(primary) at localhost is UP',
    '',
  ].join('\n');
}

function shownValue(world: World, nowUs: number, key: string, otherwise: string): string {
  const { conf } = world;
  const facts: Readonly<Record<string, string>> = {
    BOOT_TIME: showTime(nowUs),
    NEXT_JOB_ID: `${world.counters.jobId}`,
    SLURM_CONF: conf.path,
    MaxNodeCount: `${conf.nodes.size}`,
    ClusterName: conf.clusterName,
    SlurmUser: `${conf.slurmUser}(${process.getuid?.() ?? 0})`,
    'SlurmctldHost[0]': conf.keys.get('slurmctldhost') ?? 'localhost',
  };
  const configured = conf.keys.get(key.toLowerCase());
  if (Object.hasOwn(facts, key)) {
    return facts[key] ?? '';
  }
  if (configured === undefined) {
    return otherwise;
  }
  return shown(key, configured, otherwise);
}

function shown(key: string, configured: string, otherwise: string): string {
  switch (key) {
    case 'SuspendTime':
      return NEVER.has(configured.toUpperCase()) ? 'INFINITE' : `${configured} sec`;
    case 'AccountingStorageTRES':
      return `${BASE_TRES},${configured}`;
    case 'SelectTypeParameters':
      return configured.toUpperCase();
    case 'SlurmdUser':
      return `${configured}(0)`;
    default: {
      const unit = UNIT.exec(otherwise)?.[1];
      return unit !== undefined && NUMBER.test(configured) ? `${configured} ${unit}` : configured;
    }
  }
}
