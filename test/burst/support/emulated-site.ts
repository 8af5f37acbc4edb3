import { ResumeFile } from '../../../schema/slurm/resume-file.ts';
import { type ExitCode, isRefused, type Refused } from '../../../src/core/errors.ts';
import { type ResumeJob, resumeJobs } from '../../../src/core/slurm/resume-file.ts';
import type { Start } from '../../../src/emulator/engine/programs.ts';
import { resume } from '../../../src/flows/resume.ts';
import { resumeFail } from '../../../src/flows/resume-fail.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { suspend } from '../../../src/flows/suspend.ts';
import type { FakeInstance } from '../../support/fake-ec2-control.ts';
import { EmulatedCluster } from './emulated-cluster.ts';
import { holdFor, type Site, type SiteOptions, startSite } from './site.ts';

const MICROS = 1_000_000;
/** So often it is looked whether an instance has come up or gone. */
const LOOK_S = 10;
/** From `running` to a slurmd that registers. */
const BOOT_S = 15;

/** A fake cloud, a ledger file and the emulator of SLURM, on one clock. */
export class EmulatedSite {
  readonly site: Site;
  readonly cluster: EmulatedCluster;
  readonly ports: BurstPorts;
  /** Instances whose slurmd never registers. */
  readonly mute = new Set<string>();
  readonly #up = new Map<string, string>();
  /** Ports of the next program, which may die half-way. */
  portsOfProgram: () => BurstPorts;

  private constructor(site: Site, cluster: EmulatedCluster) {
    this.site = site;
    this.cluster = cluster;
    this.ports = { ...site.ports, slurm: cluster.slurm };
    this.portsOfProgram = () => this.ports;
  }

  static async start(options: SiteOptions, atEnd: (act: () => void) => void) {
    const site = await startSite(options);
    const cluster = await EmulatedCluster.start(site.books.clock.nowUs());
    atEnd(() => cluster.remove());
    return new EmulatedSite(site, cluster);
  }

  nowUs(): number {
    return this.site.books.clock.nowUs();
  }

  /** A batch job with its hold. Returns its id. */
  async submit(nodes: readonly string[], options: readonly string[] = []): Promise<number> {
    const token = await holdFor(this.site);
    const words = ['-p', 'aws', '-N', `${nodes.length}`, '-w', nodes.join(','), '-A', 'chem'];
    const id = await this.cluster.command(
      'sbatch',
      ...[...words, '-t', '60', '--uid', 'ada', '--exclusive', '--parsable', ...options],
    );
    const job = `jobid=${id.trim()}`;
    await this.cluster.command('scontrol', 'update', job, `admincomment=asbb:hold=${token}`);
    return Number(id);
  }

  /** Both clocks, event by event: instances come up and go, slurmctld starts its programs. */
  async forward(seconds: number): Promise<void> {
    const goalUs = this.nowUs() + seconds * MICROS;
    for (;;) {
      await this.#register();
      await this.cluster.tick((start) => this.#program(start));
      const leftS = (goalUs - this.nowUs()) / MICROS;
      if (leftS <= 0) {
        return;
      }
      await this.#step(Math.min(leftS, await this.#quietS()));
    }
  }

  async #step(seconds: number): Promise<void> {
    await this.site.forward(seconds);
    this.cluster.setClock(this.nowUs());
  }

  /** Until slurmctld or EC2 may have news. */
  async #quietS(): Promise<number> {
    const { next_event: next } = await this.cluster.state();
    const toNextS = next === null ? Number.POSITIVE_INFINITY : secondsTo(next, this.nowUs());
    const hasLife = (await this.site.fake.live()).length > 0 || this.#up.size > 0;
    return Math.max(1, Math.min(toNextS, hasLife ? LOOK_S : Number.POSITIVE_INFINITY));
  }

  async #register(): Promise<void> {
    const live = new Map((await this.site.fake.live()).map((each) => [each.id, each]));
    for (const [id, node] of this.#up) {
      if (live.get(id)?.state !== 'running') {
        this.#up.delete(id);
        await this.cluster.emulate('kill', node);
      }
    }
    for (const instance of live.values()) {
      const node = instance.tags['SlurmNode'];
      if (node !== undefined && !this.#up.has(instance.id) && this.#hasBooted(instance)) {
        this.#up.set(instance.id, node);
        await this.cluster.emulate('boot', node);
      }
    }
  }

  #hasBooted({ id, state, running_us: runningUs }: FakeInstance): boolean {
    const isRunning = state === 'running' && runningUs !== null && !this.mute.has(id);
    return isRunning && this.nowUs() - runningUs >= BOOT_S * MICROS;
  }

  /** ResumeProgram, SuspendProgram, ResumeFailProgram. */
  async #program({ kind, argv, resumeFile }: Start): Promise<number> {
    const ports = this.portsOfProgram();
    const nodeList = argv[1] ?? '';
    const ask = { nodeList, jobs: jobsOf(resumeFile), entryOf: () => '' };
    const outcome = await died<Refused | { readonly exitCode: ExitCode }>(
      kind === 'resume'
        ? resume(ask, ports)
        : (kind === 'suspend' ? suspend : resumeFail)(nodeList, ports),
    );
    if (outcome !== undefined && isRefused(outcome)) {
      throw new Error(outcome.text);
    }
    return outcome?.exitCode ?? 137;
  }
}

function secondsTo(instant: string, nowUs: number): number {
  return Math.ceil((Date.parse(instant) * 1000 - nowUs) / MICROS);
}

/** SLURM_RESUME_FILE; only ResumeProgram has it. */
function jobsOf(resumeFile: string | undefined): readonly ResumeJob[] | undefined {
  return resumeFile === undefined
    ? undefined
    : resumeJobs(ResumeFile.parse(JSON.parse(resumeFile)));
}

/** Undefined: the process was killed half-way (dieAfter). */
export async function died<T>(act: Promise<T>): Promise<T | undefined> {
  return await act.catch((error: unknown) => {
    if (!(error instanceof Error && error.message === 'killed')) {
      throw error;
    }
    return undefined;
  });
}
