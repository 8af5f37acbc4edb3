// hook resume against the fake EC2, on an emulated cluster: 1,000 nodes, and a gang without capacity.
import { journalOf, must, stageFor } from './stage.mjs';

const LAUNCHES = ['CreateFleet', 'RunInstances'];

/** Real milliseconds of the first program of this kind that the emulator started. */
function programMs(output, program) {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const row = lines.map((line) => JSON.parse(line)).find((each) => each.program === program);
  if (row === undefined) {
    throw new Error(`no ${program} was started: ${output.slice(0, 500)}`);
  }
  return row.ms;
}

/** Real seconds between the fake's requests and its answers. */
function cloudSeconds(journal) {
  const begun = new Map();
  let sum = 0;
  for (const { kind, n, request, t_real: at } of journal) {
    if (kind === 'request') {
      begun.set(n, at);
    } else if (kind === 'response' && begun.has(request)) {
      sum += at - begun.get(request);
    }
  }
  return sum / 1e6;
}

const NODES_A_CALL = 100; // src/flows/steps/bind-nodes.ts

/** Real seconds of the emulated `scontrol update` that gives a hundred nodes their addresses. */
async function scontrolSeconds(stage) {
  const nodes = Array.from({ length: NODES_A_CALL }, (_, at) => at + 1);
  const names = nodes.map((at) => `aws-cpu-${String(at).padStart(3, '0')}`).join(',');
  const addresses = nodes.map((at) => `10.9.0.${at}`).join(',');
  const seconds = [];
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    await must(
      ...[stage, 'operator', 'scontrol', 'update'],
      ...[`nodename=${names}`, `nodeaddr=${addresses}`, `nodehostname=${names}`],
    );
    seconds.push((performance.now() - begun) / 1000);
  }
  return seconds.toSorted((a, b) => a - b)[2];
}

async function measureMany(nodes) {
  // More tokens than AWS gives: the wait for them is not what is measured.
  const { stage, root } = await stageFor('many', { cpuNodes: nodes, apiBudget: 10_000 });
  try {
    const wrap = ['-p', 'aws', '-C', 'od', '-N', String(nodes), '-t', '30', '-A', 'physics'];
    await must(stage, 'alice', 'sbatch', ...wrap, '--wrap', 'sleep 60');
    const output = await stage.run('operator', [
      ...['asbb', 'emulate', 'run', '--for', '5s', '--fake', stage.fake.socket],
    ]);
    const journal = journalOf(root);
    const launches = journal.filter(
      ({ kind, action }) => kind === 'request' && LAUNCHES.includes(action),
    ).length;
    const wall = programMs(output.stdout, 'resume') / 1000;
    const cloud = cloudSeconds(journal);
    const slurm = Math.ceil(nodes / NODES_A_CALL) * (await scontrolSeconds(stage));
    return [
      {
        what: `resume of ${nodes} nodes: launch calls`,
        value: launches,
        unit: '',
        target: '<= 3',
        ok: launches <= 3,
      },
      { what: 'whole process', value: wall, unit: 's' },
      { what: 'of it answered by the fake EC2', value: cloud, unit: 's' },
      { what: 'waiting for the emulated scontrol, timed by itself', value: slurm, unit: 's' },
      {
        what: 'own time (burst 5.1: without waiting for AWS, slurmctld, API budget)',
        value: wall - cloud - slurm,
        unit: 's',
        target: '<= 2',
        ok: wall - cloud - slurm <= 2,
      },
    ];
  } finally {
    await stage.stop();
  }
}

async function measureAbort() {
  const { stage } = await stageFor('abort', {});
  try {
    await stage.capacity({ type: 'c5n.18xlarge', market: 'on-demand', set: 0 });
    const words = ['-p', 'hpc', '-N', '16', '-t', '30', '-A', 'physics', '--wrap', 'sleep 60'];
    await must(stage, 'alice', 'sbatch', ...words);
    const { stdout } = await stage.run('operator', [
      ...['asbb', 'emulate', 'run', '--for', '3s', '--fake', stage.fake.socket],
    ]);
    const seconds = programMs(stdout, 'resume') / 1000;
    return [
      {
        what: 'capacity error, gang of 16: whole hook, abort included',
        value: seconds,
        unit: 's',
        target: '<= 2',
        ok: seconds <= 2,
      },
    ];
  } finally {
    await stage.stop();
  }
}

export async function measureBurst({ isQuick }) {
  return [...(await measureMany(isQuick ? 100 : 1000)), ...(await measureAbort())];
}
