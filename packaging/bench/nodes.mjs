// The life of many nodes by the executable itself, on an emulated cluster with the fake EC2: jobs resume
// them, they boot, reconcile looks at them twice, the jobs end and they are suspended. Counted is what was
// asked of EC2, beside what AWS ParallelCluster would ask by the numbers that it publishes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { journalOf, must, stageFor } from './stage.mjs';
import { BUN } from './tools.mjs';

/** A job is a gang of so many nodes at most: burst.batch_size, what one launch call may ask for. */
const NODES_A_JOB = 1000;
const TICKS_A_SECOND = 100; // sysconf(_SC_CLK_TCK), proc(5)
const POLL_MS = 2;

/**
 * The numbers that aws-parallelcluster-node publishes: DEFAULTS of src/slurm_plugin/resume.py
 * (launch_max_batch_size) and clustermgtd.py (terminate_max_batch_size), BOTO3_PAGINATION_PAGE_SIZE and the
 * three filters of get_unhealthy_cluster_instance_status in instance_manager.py, the batch of its change of
 * DNS records there; boto3's batch_writer sends 25 items of DynamoDB a call.
 */
const PARALLEL_CLUSTER = {
  launch: 500,
  terminate: 1000,
  page: 1000,
  healthCalls: 3,
  items: 25,
  records: 500,
};

/** Its calls for jobs of these sizes, each by RunInstances, when nothing fails and nothing is sick. */
function parallelCluster(jobs) {
  const { launch, terminate, page, healthCalls, items, records } = PARALLEL_CLUSTER;
  const nodes = jobs.reduce((sum, each) => sum + each, 0);
  const batches = jobs.flatMap((each) =>
    Array.from({ length: Math.ceil(each / launch) }, (_, at) =>
      Math.min(launch, each - at * launch),
    ),
  );
  const byBatch = (size) => batches.reduce((sum, each) => sum + Math.ceil(each / size), 0);
  return {
    launch: batches.length, // its answer has the addresses; CreateFleet: one DescribeInstances more each
    name: byBatch(items) + byBatch(records), // BatchWriteItem and ChangeResourceRecordSets
    look: Math.ceil(nodes / page) + healthCalls, // each minute
    terminate: Math.ceil(nodes / terminate),
  };
}

function jobsOf(nodes) {
  const jobs = [];
  for (let left = nodes; left > 0; left -= NODES_A_JOB) {
    jobs.push(Math.min(left, NODES_A_JOB));
  }
  return jobs;
}

/** What was asked of EC2 since then, by action. */
function countedSince(root, n) {
  const counts = {};
  for (const { kind, action, n: at } of journalOf(root)) {
    if (kind === 'request' && at > n) {
      counts[action] = (counts[action] ?? 0) + 1;
    }
  }
  return counts;
}

const lastOf = (root) => journalOf(root).at(-1)?.n ?? 0;
const total = (counts) => Object.values(counts).reduce((sum, each) => sum + each, 0);

/** What the process has used of the CPU itself, without the programs that it started: proc(5). */
function ownCpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** One run of the executable to its end; its memory of the CPU is read until it is gone. */
function timed(env, words) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(BUN, words, { env, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    let [cpu, stdout] = [0, ''];
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    const timer = setInterval(() => {
      try {
        cpu = ownCpuSeconds(child.pid) || cpu;
      } catch {
        // gone between two looks
      }
    }, POLL_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const wall = (performance.now() - begun) / 1000;
      if (code === 0) {
        resolve({ wall, cpu, answer: JSON.parse(stdout) });
      } else {
        reject(new Error(`${words.join(' ')} ended with ${code}: ${stdout}`));
      }
    });
  });
}

/** slurmd of every node that powers up says so, without a process each. */
function boot(root) {
  const db = new Database(join(root, 'cluster/state/emulator.db'));
  const nowUs = Number(readFileSync(join(root, 'clock'), 'utf8'));
  const rows = db.prepare('SELECT name, doc FROM node').all();
  const waiting = rows.filter(({ doc }) => doc.includes('"POWERING_UP"')).map(({ name }) => name);
  const insert = db.prepare("INSERT INTO event(at_us, kind, node) VALUES(?, 'boot', ?)");
  db.transaction(() => {
    for (const name of waiting) {
      insert.run(nowUs, name);
    }
  })();
  db.close();
  return waiting.length;
}

async function reconciled(root, nodes) {
  const before = lastOf(root);
  const env = {
    ASBB_CONFIG: join(root, 'config.yaml'),
    SLURM_CONF: join(root, 'cluster/etc/slurm.conf'),
  };
  const run = await timed(env, ['nodes', 'reconcile', '--json']);
  const { state, nodes: verdicts, foreign_instances: foreign, problems } = run.answer;
  if (state !== 'done' || verdicts.length + foreign.length + problems.length > 0) {
    const found = JSON.stringify(run.answer).slice(0, 500);
    throw new Error(`reconcile of ${nodes} nodes found something: ${found}`);
  }
  return { ...run, calls: countedSince(root, before) };
}

/** From sbatch to the last TerminateInstances. */
async function lifeOf(nodes) {
  const { stage, root } = await stageFor(`nodes-${nodes}`, {
    cpuNodes: nodes,
    apiBudget: 10_000, // more than AWS gives: its throttling is not what is measured
    bootsNothing: true,
  });
  const play = (span) =>
    must(stage, 'operator', 'asbb', 'emulate', 'run', '--for', span, '--fake', stage.fake.socket);
  try {
    await must(stage, 'operator', 'asbb', 'emulate', 'set', 'patience', '900'); // a busy machine
    await stage.capacity({ type: 'c5.xlarge', market: 'on-demand', set: 2 * nodes });
    const jobs = jobsOf(nodes);
    for (const size of jobs) {
      const words = ['-p', 'aws', '-C', 'od', '-N', String(size), '-t', '30', '-A', 'physics'];
      await must(stage, 'alice', 'sbatch', ...words, '--wrap', 'sleep 600');
    }
    await play('5s');
    const resume = countedSince(root, 0);
    await play('60s'); // pending at EC2 for 30 s
    const up = boot(root);
    if (up !== nodes) {
      throw new Error(`${up} of ${nodes} nodes were resumed`);
    }
    await play('60s');
    const looks = [await reconciled(root, nodes)];
    await play('60s');
    looks.push(await reconciled(root, nodes));
    const before = lastOf(root);
    await play('20m'); // the jobs end after 10 minutes, and SuspendTime passes
    const suspend = countedSince(root, before);
    await stage.fake.post('/expect', { live: 0 });
    return { nodes, jobs, resume, looks, suspend };
  } finally {
    await stage.stop();
  }
}

function split({ resume, looks, suspend }) {
  const { CreateFleet = 0, RunInstances = 0, CreateTags = 0, ...asked } = resume;
  const { TerminateInstances = 0, ...before } = suspend;
  return {
    launch: CreateFleet + RunInstances,
    asked: total(asked) + total(before),
    name: CreateTags,
    look: total(looks[1].calls),
    terminate: TerminateInstances,
  };
}

function rowsOf(life) {
  const [ours, theirs] = [split(life), parallelCluster(life.jobs)];
  const row = (what, value, note) => ({
    what: `${life.nodes} nodes: ${what}`,
    value,
    unit: '',
    note,
  });
  return [
    row('launch calls', ours.launch, `ParallelCluster ${theirs.launch}`),
    row('calls that give each its name', ours.name, `ParallelCluster ${theirs.name}`),
    row('other calls of resume and suspend', ours.asked, 'ParallelCluster 0, or 1 a CreateFleet'),
    row('one look at all of them', ours.look, `ParallelCluster ${theirs.look}`),
    row('terminate calls', ours.terminate, `ParallelCluster ${theirs.terminate}`),
  ];
}

function reconcileRows({ nodes, looks }) {
  const calls = Math.max(...looks.map((look) => total(look.calls)));
  const own = Math.max(...looks.map(({ cpu }) => cpu));
  return [
    {
      what: `reconcile of ${nodes} running nodes: calls of EC2, the larger of two`,
      value: calls,
      unit: '',
      target: '<= 10',
      ok: calls <= 10,
    },
    {
      what: 'own time (CPU of the process, without the programs it started)',
      value: own,
      unit: 's',
      target: '<= 5',
      ok: own <= 5,
    },
    {
      what: 'whole process, with the fake EC2 and the emulated SLURM',
      value: Math.max(...looks.map(({ wall }) => wall)),
      unit: 's',
    },
  ];
}

export async function measureNodes({ isQuick, isTiny }) {
  const sizes = isQuick ? [16, 200] : [16, 200, 1000, 5000];
  const lives = [];
  for (const nodes of isTiny ? [4] : sizes) {
    lives.push(await lifeOf(nodes));
  }
  return [...lives.flatMap(rowsOf), ...reconcileRows(lives.at(-1))];
}
