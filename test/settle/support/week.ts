import { nodeNames } from '../../burst/support/site.ts';
import type { ModelJob } from '../../burst/support/slurm-model.ts';
import type { SettleSite } from './settle-site.ts';

/** Numbers from a seed: the same week each time. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761 + 1) % 2_147_483_647 || 1;
  }

  below(count: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(Math.max(1, items.length))];
  }
}

interface Running {
  readonly job: ModelJob;
  readonly group: string;
  readonly want: number;
  nodes: readonly string[];
}

const GROUPS = ['cpu', 'spot', 'two'] as const;

/** A small cluster that lives by dice: jobs, requeues, lost nodes, late and missing hooks. */
export class Week {
  readonly #site: SettleSite;
  readonly #dice: Dice;
  readonly #jobs: Running[] = [];
  /** Of each group. */
  readonly #nodes: number;
  readonly told: string[] = [];

  constructor(site: SettleSite, seed: number, nodes = 6) {
    this.#site = site;
    this.#nodes = nodes;
    this.#dice = new Dice(seed);
    site.accounted.lagS = this.#dice.pick([0, 0, 1, 30]) ?? 0;
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.#site.forward(1 + this.#dice.below(this.#dice.chance(20) ? 2000 : 90));
      await this.#step();
      if (this.#dice.chance(30)) {
        await this.#site.maintain();
      }
    }
  }

  /** So many jobs, one after about `gapS` seconds, and between them what else happens on a cluster. */
  async runJobs(count: number, gapS: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      await this.#submit();
      for (let steps = 3; steps > 0; steps -= 1) {
        await this.#site.forward(1 + this.#dice.below(Math.ceil((2 * gapS) / 3)));
        await this.#step(false);
      }
      if (at % 6 === 0) {
        await this.#site.maintain();
      }
    }
  }

  async #step(maySubmit = true): Promise<void> {
    const acts = [
      ...(maySubmit ? [() => this.#submit()] : []),
      () => this.#allocate(),
      () => this.#allocate(),
      () => this.#register(),
      () => this.#register(),
      () => this.#end(),
      () => this.#end(),
      () => this.#requeue(),
      () => this.#cancel(),
      () => this.#suspend(),
      () => this.#suspend(),
      () => this.#lose(),
      () => this.#price(),
    ];
    await this.#dice.pick(acts)?.();
  }

  async #submit(): Promise<void> {
    const group = this.#dice.pick(GROUPS) ?? 'cpu';
    const job = await this.#site.submit({ amount: '20' });
    this.#jobs.push({ job, group, want: 1 + this.#dice.below(3), nodes: [] });
    this.told.push(`submit ${job.jobId}`);
  }

  #in(...states: readonly string[]): Running | undefined {
    return this.#dice.pick(this.#jobs.filter(({ job }) => states.includes(job.state)));
  }

  #used(): ReadonlySet<string> {
    return new Set(this.#jobs.flatMap(({ nodes }) => nodes));
  }

  #isIdle(name: string, used: ReadonlySet<string>): boolean {
    const { flags } = this.#site.slurm.node(name);
    const isGoing = flags.includes('POWERING_DOWN') || flags.includes('DRAIN');
    return !(used.has(name) || isGoing);
  }

  async #allocate(): Promise<void> {
    const running = this.#in('PENDING');
    const used = this.#used();
    const free = nodeNames(running?.group ?? 'cpu', 1, this.#nodes).filter((name) =>
      this.#isIdle(name, used),
    );
    if (running === undefined || running.job.isHeld || free.length < running.want) {
      return;
    }
    // Nodes that are up come first, as SLURM prefers them.
    const up = free.filter((name) => !this.#site.slurm.node(name).flags.includes('POWERED_DOWN'));
    const nodes = [...up, ...free.filter((name) => !up.includes(name))].slice(0, running.want);
    running.nodes = nodes;
    this.told.push(`allocate ${running.job.jobId} ${nodes.join(',')}`);
    const off = this.#site.accounted.allocate(running.job, nodes);
    await this.#site.forward(1);
    if (off.length > 0 && this.#dice.chance(95)) {
      await this.#site.resumeHook(running.job, off);
      if (this.#dice.chance(10)) {
        await this.#site.resumeHook(running.job, off);
      }
    }
    this.#follow();
  }

  /** Aborts requeue jobs: what they had is free again. */
  #follow(): void {
    for (const running of this.#jobs) {
      if (running.job.state === 'PENDING') {
        running.nodes = [];
      }
    }
  }

  async #register(): Promise<void> {
    const running = this.#in('CONFIGURING');
    if (running !== undefined) {
      await this.#site.forward(30);
      this.#site.accounted.register(running.nodes);
      this.told.push(`register ${running.job.jobId}`);
    }
  }

  async #end(): Promise<void> {
    const running = this.#in('RUNNING', 'CONFIGURING');
    if (running !== undefined) {
      await this.#finish(running, this.#dice.pick(['COMPLETED', 'FAILED', 'TIMEOUT']) ?? 'FAILED');
    }
  }

  async #finish(running: Running, state: string): Promise<void> {
    const { job, nodes } = running;
    this.#site.accounted.end(job, state);
    this.told.push(`end ${job.jobId}`);
    for (let calls = this.#dice.pick([0, 1, 1, 1, 2]) ?? 1; calls > 0; calls -= 1) {
      await this.#site.epilogHook(job, nodes);
    }
    if (this.#dice.chance(30)) {
      await this.#site.maintain();
    }
    this.#site.accounted.complete(job);
    running.nodes = [];
  }

  async #requeue(): Promise<void> {
    const running = this.#in('RUNNING', 'CONFIGURING');
    if (running !== undefined) {
      const { job, nodes } = running;
      const restart = job.restarts;
      this.#site.accounted.requeue(job, 'REQUEUED');
      running.nodes = [];
      this.told.push(`requeue ${job.jobId}`);
      if (this.#dice.chance(70)) {
        await this.#site.epilogHook(job, nodes, restart);
      }
    }
  }

  async #cancel(): Promise<void> {
    await Promise.resolve();
    const running = this.#in('PENDING');
    if (running !== undefined && this.#dice.chance(50)) {
      this.#site.accounted.cancel(running.job);
      this.told.push(`cancel ${running.job.jobId}`);
    }
  }

  async #suspend(): Promise<void> {
    const used = this.#used();
    const up = GROUPS.flatMap((group) => nodeNames(group, 1, this.#nodes)).filter(
      (name) => !(used.has(name) || this.#site.slurm.node(name).flags.includes('POWERED_DOWN')),
    );
    const nodes = up.filter(() => this.#dice.chance(50));
    if (nodes.length > 0) {
      this.#site.slurm.powerDown(nodes);
      this.told.push(`suspend ${nodes.join(',')}`);
      if (this.#dice.chance(85)) {
        await this.#site.suspendHook(nodes);
      }
      await this.#site.forward(120);
      this.#site.slurm.settle();
    }
  }

  /** EC2 takes a spot instance back, or somebody ends one in the console. */
  async #lose(): Promise<void> {
    const live = await this.#site.fake.live();
    const lost = this.#dice.pick(live);
    if (lost === undefined) {
      return;
    }
    if (lost.market === 'spot' && this.#dice.chance(70)) {
      await this.#site.fake.interrupt(lost.id, 0);
    } else {
      await this.#site.fake.external({ terminate: lost.id });
    }
    await this.#site.forward(60);
    const node = lost.tags['SlurmNode'] ?? '';
    this.told.push(`lose ${lost.id} ${node}`);
    const victim = this.#jobs.find(({ nodes }) => nodes.includes(node));
    if (victim !== undefined) {
      const { job, nodes } = victim;
      const restart = job.restarts;
      this.#site.accounted.requeue(job);
      victim.nodes = [];
      await this.#site.epilogHook(job, nodes, restart);
    }
    if (node !== '') {
      this.#site.slurm.set(node, 'DOWN', 'NOT_RESPONDING');
    }
    await this.#site.maintain();
    this.#site.slurm.settle();
    this.#follow();
  }

  async #price(): Promise<void> {
    const zone = this.#dice.pick(['us-east-1a', 'us-east-1b']) ?? 'us-east-1a';
    await this.#site.fake.price('c5.xlarge', zone, 600_000_000 + this.#dice.below(300_000_000));
  }

  /** Everything ends: jobs, then nodes; cron does the rest. */
  async finish(): Promise<void> {
    this.#follow();
    for (const running of this.#jobs) {
      if (['RUNNING', 'CONFIGURING'].includes(running.job.state)) {
        await this.#finish(running, 'COMPLETED');
      }
      this.#site.accounted.cancel(running.job);
    }
    this.#site.slurm.powerDown(GROUPS.flatMap((group) => nodeNames(group, 1, this.#nodes)));
    for (let round = 0; round < 4; round += 1) {
      await this.#site.forward(700);
      await this.#site.maintain();
      for (const { job } of this.#jobs) {
        this.#site.accounted.cancel(job);
      }
    }
  }
}
