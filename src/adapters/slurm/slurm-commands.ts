import { EXIT, Fault } from '../../core/errors.ts';
import { formatInstant } from '../../core/slurm/instant.ts';
import type {
  JobRun,
  JobUpdate,
  NodeAddresses,
  QueuedJob,
  Slurm,
  SlurmJob,
  SlurmNode,
} from '../../ports/slurm.ts';
import type { Run, RunOptions, RunResult } from '../../ports/system.ts';
import { checkedJobId, checkedNodeList, checkedWord, cleanText } from './arguments.ts';
import { parseJobs } from './parse-job.ts';
import { parseNodes } from './parse-node.ts';
import { parseQueue, parseQueueOnNodes, QUEUE_FORMAT } from './parse-queue.ts';
import { parseEfficiency, parseRuns, RUN_DELIMITER, RUN_FIELDS } from './parse-runs.ts';
import { parseAssociations, parseConfig, parseVersion } from './parse-site.ts';

/** reliability.md R14: what one call may print. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
/** Ids in one `sacct -j`: an argument of at most 22 KB. */
const IDS_MAX = 2000;
/** A window of sacct that prints too much is halved, but not below this. */
const WINDOW_SECONDS_MIN = 60;
const UNKNOWN_JOB = /Invalid job id specified/;
const NO_SCRIPT = /job script retrieval failed: .*(?:invalid job id|script)/iu;
const UNKNOWN_NODE = /Node \S+ not found|Invalid node name specified/;
const TRAILING_SLASHES = /\/+$/;
const NODES_IN_A_CALL = 100;

export interface SlurmPlace {
  readonly binPath: string;
  readonly configPath: string;
  readonly clusterName: string;
  /** Milliseconds for one command (`slurm.command_timeout`). */
  readonly commandTimeout: number;
  /** Milliseconds that the caller itself has left; absent: no limit of its own. */
  readonly remainingMs?: (() => number) | undefined;
}

type Tool = 'scontrol' | 'squeue' | 'sacct' | 'sacctmgr' | 'scancel';

/** SLURM's own commands behind the port: fixed argument vectors, emulator.md 4. Never a shell. */
export class SlurmCommands implements Slurm {
  readonly #run: Run;
  readonly #place: SlurmPlace;

  constructor(run: Run, place: SlurmPlace) {
    this.#run = run;
    this.#place = place;
  }

  async job(jobId: number): Promise<readonly SlurmJob[]> {
    const id = checkedJobId(jobId);
    const result = await this.#start('scontrol', ['show', 'job', '-d', '-o', id]);
    if (result.exitCode !== 0 && UNKNOWN_JOB.test(`${result.stderr}${result.stdout}`)) {
      return [];
    }
    const { jobs } = parseJobs(done('scontrol show job', result).stdout);
    // Whoever names a job so that it looks like two must not speak for another job.
    return jobs.filter((job) => [job.jobId, job.arrayJobId, job.hetJobId].includes(jobId));
  }

  async allJobs(): Promise<readonly SlurmJob[]> {
    const { stdout } = await this.#call('scontrol', ['show', 'job', '-d', '-o']);
    const { jobs } = parseJobs(stdout);
    const seen = new Map<number, number>();
    for (const { jobId } of jobs) {
      seen.set(jobId, (seen.get(jobId) ?? 0) + 1);
    }
    // Two records of one job: one of them is forged.
    return jobs.filter(({ jobId }) => seen.get(jobId) === 1);
  }

  async queue(): Promise<readonly QueuedJob[]> {
    const { stdout } = await this.#call('squeue', ['-h', '-r', '-t', 'all', '-o', QUEUE_FORMAT]);
    return parseQueue(stdout);
  }

  async queueOnNodes(
    nodeList: string,
  ): Promise<readonly { readonly jobId: number; readonly nodeList: string }[]> {
    const list = checkedNodeList(nodeList);
    const args = ['-h', '-t', 'CF,R,PD', '-o', '%A|%N', '-w', list];
    const { stdout } = await this.#call('squeue', args);
    return parseQueueOnNodes(stdout);
  }

  async nodes(nodeList?: string): Promise<readonly SlurmNode[]> {
    const named = nodeList === undefined ? [] : [checkedNodeList(nodeList)];
    const result = await this.#start('scontrol', ['show', 'node', '-o', ...named]);
    const isPartly = named.length > 0 && UNKNOWN_NODE.test(`${result.stderr}${result.stdout}`);
    return parseNodes(isPartly ? result.stdout : done('scontrol show node', result).stdout);
  }

  async runsSince(sinceS: number): Promise<readonly JobRun[]> {
    const begin = Math.max(0, Math.floor(sinceS));
    return await this.#runsBetween(begin, undefined);
  }

  /** In pages: a window whose runs do not fit into one call is asked in halves (R14). */
  async #runsBetween(fromS: number, toS: number | undefined): Promise<readonly JobRun[]> {
    const end = toS === undefined ? 'now' : formatInstant(toS);
    const args = [...RUN_ARGS, '-S', formatInstant(fromS), '-E', end, '-o', RUN_FIELDS];
    const result = await this.#start('sacct', args, { allowTruncated: true });
    if (result.truncated !== true) {
      return parseRuns(done('sacct', result).stdout);
    }
    const lastS = toS ?? lastStart(result.stdout) ?? fromS;
    if (lastS - fromS < WINDOW_SECONDS_MIN) {
      throw tooMuch('sacct');
    }
    const middle = Math.floor((fromS + lastS) / 2);
    const early = await this.#runsBetween(fromS, middle);
    const late = await this.#runsBetween(middle, toS);
    return newest([...early, ...late]);
  }

  async runsOf(jobIds: readonly number[]): Promise<readonly JobRun[]> {
    const runs: JobRun[] = [];
    for (let at = 0; at < jobIds.length; at += IDS_MAX) {
      const ids = jobIds.slice(at, at + IDS_MAX).map(checkedJobId);
      const args = [...RUN_ARGS, '-j', ids.join(','), '-o', RUN_FIELDS];
      const { stdout } = await this.#call('sacct', args);
      runs.push(...parseRuns(stdout));
    }
    return runs;
  }

  async efficiency(jobId: string): Promise<{ cpuSeconds?: number; maxRssKib?: number }> {
    const id = checkedWord(jobId, 'job id');
    const args = ['-n', '-P', '--noconvert', '-j', id, '-o', 'JobID,TotalCPU,MaxRSS,NTasks'];
    const { stdout } = await this.#call('sacct', args);
    return parseEfficiency(stdout);
  }

  async config(): Promise<Readonly<Record<string, string>>> {
    const { stdout } = await this.#call('scontrol', ['show', 'config']);
    return parseConfig(stdout);
  }

  async version(): Promise<string> {
    const { stdout } = await this.#call('scontrol', ['--version']);
    return parseVersion(stdout);
  }

  async associations(): Promise<readonly { account: string; user: string }[]> {
    const args = ['-n', '-P', 'show', 'assoc', 'format=Cluster,Account,User'];
    const { stdout } = await this.#call('sacctmgr', args);
    return parseAssociations(stdout, this.#place.clusterName);
  }

  async setAddresses({ nodes, addresses, hostnames }: NodeAddresses): Promise<void> {
    for (let at = 0; at < nodes.length; at += NODES_IN_A_CALL) {
      const [names, ips, hosts] = [nodes, addresses, hostnames].map((list) =>
        list.slice(at, at + NODES_IN_A_CALL).map((word) => checkedWord(word, 'node address')),
      );
      const name = checkedNodeList((names ?? []).join(','));
      await this.#call('scontrol', [
        'update',
        `nodename=${name}`,
        `nodeaddr=${(ips ?? []).join(',')}`,
        `nodehostname=${(hosts ?? []).join(',')}`,
      ]);
    }
  }

  async setNodeState(nodeList: string, state: string, reason?: string): Promise<void> {
    const name = checkedNodeList(nodeList);
    const why = reason === undefined ? [] : [`reason=${cleanText(reason)}`];
    const args = ['update', `nodename=${name}`, `state=${checkedWord(state, 'state')}`, ...why];
    await this.#call('scontrol', args);
  }

  async updateJob(jobId: number, update: JobUpdate): Promise<void> {
    const { adminComment, comment, startInSeconds } = update;
    const words = [
      ...(adminComment === undefined ? [] : [`admincomment=${cleanText(adminComment)}`]),
      ...(comment === undefined ? [] : [`comment=${cleanText(comment)}`]),
      ...(startInSeconds === undefined ? [] : [`starttime=now+${Math.ceil(startInSeconds)}`]),
    ];
    await this.#call('scontrol', ['update', `jobid=${checkedJobId(jobId)}`, ...words]);
  }

  async holdJob(jobId: number): Promise<void> {
    await this.#call('scontrol', ['hold', checkedJobId(jobId)]);
  }

  async batchScript(jobId: number): Promise<string | undefined> {
    const args = ['write', 'batch_script', checkedJobId(jobId), '-'];
    const result = await this.#start('scontrol', args);
    // An interactive job has none, and one that has ended is forgotten: no fault of slurmctld's.
    return NO_SCRIPT.test(result.stderr)
      ? undefined
      : done('scontrol write batch_script', result).stdout;
  }

  async cancelJob(jobId: number): Promise<void> {
    await this.#call('scancel', [checkedJobId(jobId)]);
  }

  async requeueJob(jobId: number): Promise<void> {
    await this.#call('scontrol', ['requeue', checkedJobId(jobId)]);
  }

  async signalJob(jobId: number): Promise<void> {
    await this.#call('scancel', ['--signal=USR1', '--batch', checkedJobId(jobId)]);
  }

  async setPartitionState(partition: string, state: 'UP' | 'INACTIVE'): Promise<void> {
    const name = checkedWord(partition, 'partition');
    await this.#call('scontrol', ['update', `partitionname=${name}`, `state=${state}`]);
  }

  async #call(tool: Tool, args: readonly string[]): Promise<RunResult> {
    return done(`${tool} ${args[0]}`, await this.#start(tool, args));
  }

  #start(
    tool: Tool,
    args: readonly string[],
    more: Pick<RunOptions, 'allowTruncated'> = {},
  ): Promise<RunResult> {
    const { binPath, configPath, commandTimeout, remainingMs } = this.#place;
    const left = remainingMs?.() ?? commandTimeout;
    return this.#run.run(`${binPath.replace(TRAILING_SLASHES, '')}/${tool}`, args, {
      timeoutMs: Math.max(1, Math.min(commandTimeout, left)),
      maxOutputBytes: OUTPUT_BYTES_MAX,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/',
        LC_ALL: 'C',
        TZ: 'UTC',
        SLURM_CONF: configPath,
      },
      ...more,
    });
  }
}

const RUN_ARGS = ['-X', '-D', '-n', '-P', '-a', '--noconvert', `--delimiter=${RUN_DELIMITER}`];

function done(command: string, result: RunResult): RunResult {
  if (result.exitCode !== 0) {
    const [said = ''] = result.stderr.trim().split('\n');
    throw new Fault(`${command} failed with exit code ${result.exitCode}: ${said.slice(0, 200)}`, {
      exitCode: EXIT.tryAgain,
      advice: 'is slurmctld (for sacct: slurmdbd) up? Try: scontrol ping',
    });
  }
  return result;
}

function tooMuch(command: string): Fault {
  return new Fault(`${command} prints more than ${OUTPUT_BYTES_MAX} bytes`, {
    exitCode: EXIT.tryAgain,
  });
}

/** Of cut output: the latest submission among its whole lines. */
function lastStart(stdout: string): number | undefined {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  const runs = parseRuns(whole);
  return runs.length === 0 ? undefined : Math.max(...runs.map(({ submitS }) => submitS));
}

/** A run that both halves show is kept as the later one saw it. */
function newest(runs: readonly JobRun[]): readonly JobRun[] {
  const byRun = new Map(
    runs.map((run) => [`${run.jobIdText} ${run.jobIdRaw} ${run.submitS} ${run.startS}`, run]),
  );
  return [...byRun.values()];
}
