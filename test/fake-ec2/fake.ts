// One fake cloud: world, state, clock, journal and faults together; it can be reset, written down
// and taken up again.
import { readFileSync } from 'node:fs';
import { Boots } from './boots.ts';
import { Clock, type ClockOptions } from './clock.ts';
import type { Engine } from './engine.ts';
import { type FaultState, Faults } from './faults.ts';
import { settleGroups } from './group-actions.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { onEvent } from './lifecycle.ts';
import type { Streams } from './random.ts';
import { freeze, newState, type State, settle, thaw } from './state.ts';
import { settleTemplates } from './templates.ts';
import { parseIso } from './time.ts';
import { completeWorld, DEFAULT_WORLD, type World } from './world.ts';

export interface FakeOptions extends ClockOptions {
  readonly world: unknown;
  readonly faults: readonly unknown[];
  readonly seed: number;
  readonly journal: string | undefined;
  /** A file that `snapshot` wrote. */
  readonly restore: string | undefined;
}

interface Snapshot {
  readonly world: World;
  readonly state: State;
  readonly faults: readonly FaultState[];
  readonly faultStreams: Streams;
  readonly journal: readonly JournalEntry[];
}

export class Fake {
  readonly #options: FakeOptions;
  readonly engine: Engine;
  readonly faults: Faults;

  constructor(options: FakeOptions) {
    this.#options = options;
    this.faults = new Faults(options.seed);
    const journal = new Journal(() => this.engine.state.nowUs, options.journal);
    if (options.restore === undefined) {
      const world = completeWorld(options.world, DEFAULT_WORLD);
      this.engine = this.#build(world, this.#newState(world), journal);
      this.faults.add(options.faults);
      return;
    }
    const saved = thaw(readFileSync(options.restore, 'utf8')) as Snapshot;
    this.engine = this.#build(saved.world, saved.state, journal);
    this.faults.restore(saved.faults, saved.faultStreams);
    journal.restore(saved.journal);
  }

  /** Everything as at the start; the journal begins anew. */
  reset(): void {
    const { engine } = this;
    engine.clock.stop();
    engine.boots.stop();
    const world = completeWorld(this.#options.world, DEFAULT_WORLD);
    Object.assign(engine, this.#build(world, this.#newState(world), engine.journal));
    engine.journal.clear();
    this.faults.clear();
    this.faults.add(this.#options.faults);
  }

  /** Changes rules of the running world; new subnets, templates, groups and prices come in. */
  change(raw: unknown): void {
    const { engine } = this;
    engine.world = completeWorld(raw, engine.world);
    settle(engine.state, engine.world);
    settleTemplates(engine.state, engine.world);
    settleGroups(engine.state, engine.world);
  }

  snapshot(): string {
    const { engine, faults } = this;
    const saved: Snapshot = {
      world: engine.world,
      state: engine.state,
      faults: faults.list(),
      faultStreams: faults.streams,
      journal: engine.journal.all(),
    };
    return freeze(saved);
  }

  stop(): void {
    this.engine.clock.stop();
    this.engine.boots.stop();
    this.engine.journal.close();
  }

  #newState(world: World): State {
    const startUs = world.clock.mode === 'real' ? Date.now() * 1000 : (parseIso(world.epoch) ?? 0);
    const state = newState(world, this.#options.seed, startUs);
    settleTemplates(state, world);
    settleGroups(state, world);
    return state;
  }

  #build(world: World, state: State, journal: Journal): Engine {
    const boots = new Boots(journal, world.clock.mode === 'manual');
    const clock = new Clock(state, world, this.#options, {
      fire: (event) => onEvent(this.engine, event),
      settled: () => boots.settled(),
    });
    return { world, state, clock, boots, journal };
  }
}
