// sbatch/s on a real slurmctld: without our plugin, with it on another partition, with it on ours.
import { startLab } from '../../test/support/lab.ts';
import { mustRun } from '../../test/support/programs.ts';
import { BUN } from './tools.mjs';

const SUBMIT = 'for i in $(seq "$1"); do sbatch -H -Q -p "$2" -t 1 --wrap true || exit 1; done';

async function perSecond(lab, partition, { clients, each }) {
  const started = performance.now();
  const words = ['bash', '-c', SUBMIT, 'bash', String(each), partition];
  const all = Array.from({ length: clients }, () => lab.as('alice', words));
  const bad = (await Promise.all(all)).find(({ code }) => code !== 0);
  if (bad !== undefined) {
    throw new Error(`sbatch -p ${partition}: ${bad.stderr}`);
  }
  const seconds = (performance.now() - started) / 1000;
  await lab.as('root', ['scancel', '-u', 'alice']);
  return (clients * each) / seconds;
}

/** In turn, several times; the median, because neighbours on the machine disturb single runs. */
async function median(lab, partitions, load) {
  const runs = Object.fromEntries(partitions.map((name) => [name, []]));
  for (let round = 0; round < load.rounds; round += 1) {
    for (const name of partitions) {
      runs[name].push(await perSecond(lab, name, load));
    }
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, values]) => [
      name,
      values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)],
    ]),
  );
}

export async function measureLab({ isQuick }) {
  if (process.getuid() !== 0) {
    return [{ what: 'sbatch/s on a real SLURM', skipped: 'needs root' }];
  }
  await mustRun('test/lab/slurm-lab', ['install'], { env: process.env });
  const loads = [
    { name: '1 client', clients: 1, each: isQuick ? 20 : 60, rounds: isQuick ? 1 : 5 },
    { name: '8 clients', clients: 8, each: isQuick ? 5 : 15, rounds: isQuick ? 1 : 5 },
  ];
  const rows = [];
  const plain = [];
  const without = await startLab({ executable: BUN, plugin: false });
  try {
    for (const load of loads) {
      plain.push((await median(without, ['static'], load)).static);
    }
  } finally {
    await without.stop();
  }
  const lab = await startLab({ executable: BUN, userOpenHolds: 100_000 });
  try {
    const account = ['--account', 'physics', '--name', 'Physics', '--budget', '1000000'];
    await lab.asbb('account', 'create', ...account, '--start', '2026-01-01', '--end', '2035-12-31');
    for (const [at, load] of loads.entries()) {
      const { static: other, aws } = await median(lab, ['static', 'aws'], load);
      const none = plain[at];
      rows.push(
        { what: `sbatch/s without our plugin, ${load.name}`, value: none, unit: '/s' },
        {
          what: `sbatch/s with it, partition that is not ours, ${load.name}`,
          value: other,
          unit: '/s',
        },
        { what: `sbatch/s with it, burst partition, ${load.name}`, value: aws, unit: '/s' },
        { what: 'burst partition : without', value: aws / none, unit: 'x' },
        {
          what: 'other partition : without',
          value: other / none,
          unit: 'x',
          target: '>= 0.95',
          ok: other / none >= 0.95,
        },
      );
    }
  } finally {
    await lab.stop();
  }
  return rows;
}
