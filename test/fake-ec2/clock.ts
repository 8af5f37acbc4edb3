// The virtual clock and the events that are due on it (fake-ec2.md section 7).
import { renameSync, writeFileSync } from 'node:fs';
import { Queue } from './queue.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

export interface Event {
  readonly id: number;
  readonly dueUs: number;
  readonly kind: 'running' | 'terminated' | 'stopped' | 'tag-wait' | 'taken' | 'boot' | 'failed';
  readonly instance: string;
}

const LONGEST_TIMER_MS = 2 ** 30;
const FILE_EVERY_MS = 10;

export interface ClockOptions {
  readonly clockFile: string | undefined;
  readonly faketimeFile: string | undefined;
}

export class Clock {
  readonly #state: State;
  readonly #mode: World['clock']['mode'];
  readonly #factor: number;
  readonly #options: ClockOptions;
  readonly #fire: (event: Event) => void;
  readonly #settled: () => Promise<void>;
  /** Real time (ms) and virtual time at which this process began to count. */
  readonly #startMs: number;
  readonly #startUs: number;
  /** Cancelled events stay in the queue until their turn; `state.events` says which still count. */
  readonly #queue = new Queue<Event>();
  #timer: NodeJS.Timeout | undefined;
  #armedUs = Number.POSITIVE_INFINITY;
  readonly #fileTimer: NodeJS.Timeout | undefined;
  #moving: Promise<void> = Promise.resolve();

  constructor(
    state: State,
    world: World,
    options: ClockOptions,
    hooks: { readonly fire: (event: Event) => void; readonly settled: () => Promise<void> },
  ) {
    this.#state = state;
    this.#mode = world.clock.mode;
    this.#factor = Math.max(1, world.clock.mode === 'scaled' ? (world.clock.factor ?? 1) : 1);
    this.#options = options;
    this.#fire = hooks.fire;
    this.#settled = hooks.settled;
    this.#startMs = performance.now();
    this.#startUs = state.nowUs;
    for (const event of state.events.values()) {
      this.#queue.push(event);
    }
    this.#writeFiles();
    if (this.#mode !== 'manual' && (options.clockFile ?? options.faketimeFile) !== undefined) {
      this.#fileTimer = setInterval(() => this.#writeFiles(), FILE_EVERY_MS);
    }
  }

  get isManual(): boolean {
    return this.#mode === 'manual';
  }

  /** Catches up with real time; every request begins with this. */
  tick(): void {
    if (this.#mode !== 'manual') {
      this.#runTo(Math.max(this.#state.nowUs, this.#readUs()));
      this.#arm();
    }
  }

  schedule(dueUs: number, kind: Event['kind'], instance: string): number {
    const id = this.#state.nextEvent;
    this.#state.nextEvent += 1;
    const event = { id, dueUs, kind, instance };
    this.#state.events.set(id, event);
    this.#queue.push(event);
    if (dueUs < this.#armedUs) {
      this.#arm();
    }
    return id;
  }

  cancel(id: number): void {
    this.#state.events.delete(id);
  }

  nextEventUs(): number | undefined {
    return this.#next()?.dueUs;
  }

  /** Manual mode: moves to `toUs`, one due event after the other; boot programs end before the next. */
  advance(toUs: (nowUs: number) => number): Promise<void> {
    const move = this.#moving.then(() => this.#advanceTo(toUs(this.#state.nowUs)));
    this.#moving = move.catch(() => undefined);
    return move;
  }

  /** The last look at the clock; nothing is due any more afterwards. */
  stop(): void {
    clearInterval(this.#fileTimer);
    this.tick();
    clearTimeout(this.#timer);
    this.#writeFiles();
  }

  async #advanceTo(toUs: number): Promise<void> {
    if (this.#mode !== 'manual') {
      throw new Error('the clock is not in manual mode');
    }
    if (!(Number.isSafeInteger(toUs) && toUs >= this.#state.nowUs)) {
      throw new Error('the clock never goes back');
    }
    await this.#settled();
    for (let next = this.#next(); next !== undefined && next.dueUs <= toUs; next = this.#next()) {
      this.#set(Math.max(next.dueUs, this.#state.nowUs));
      this.#take(next);
      await this.#settled();
    }
    this.#set(Math.max(toUs, this.#state.nowUs));
  }

  #set(nowUs: number): void {
    if (nowUs !== this.#state.nowUs) {
      this.#state.nowUs = nowUs;
      this.#writeFiles();
    }
  }

  #runTo(toUs: number): void {
    for (let next = this.#next(); next !== undefined && next.dueUs <= toUs; next = this.#next()) {
      this.#state.nowUs = Math.max(next.dueUs, this.#state.nowUs);
      this.#take(next);
    }
    this.#state.nowUs = toUs;
  }

  #take(event: Event): void {
    this.#state.events.delete(event.id);
    this.#fire(event);
  }

  #next(): Event | undefined {
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      if (this.#state.events.has(first.id)) {
        return first;
      }
      this.#queue.pop();
    }
    return undefined;
  }

  #readUs(): number {
    return this.#startUs + Math.floor((performance.now() - this.#startMs) * 1000 * this.#factor);
  }

  #arm(): void {
    if (this.#mode === 'manual') {
      return;
    }
    clearTimeout(this.#timer);
    const due = this.nextEventUs();
    this.#armedUs = due ?? Number.POSITIVE_INFINITY;
    if (due !== undefined) {
      const wait = Math.max(0, (due - this.#readUs()) / 1000 / this.#factor);
      this.#timer = setTimeout(() => this.tick(), Math.min(wait, LONGEST_TIMER_MS));
    }
  }

  #writeFiles(): void {
    const us = this.#mode === 'manual' ? this.#state.nowUs : this.#readUs();
    replaceFile(this.#options.clockFile, `${us}\n`);
    replaceFile(this.#options.faketimeFile, `${faketimeText(us)}\n`);
  }
}

/** Frozen absolute time of libfaketime, with microseconds; programs must run with TZ=UTC. */
function faketimeText(us: number): string {
  const iso = new Date(Math.floor(us / 1000)).toISOString().replace('T', ' ').slice(0, 19);
  return `${iso}.${String(us % 1_000_000).padStart(6, '0')}`;
}

function replaceFile(path: string | undefined, text: string): void {
  if (path !== undefined) {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  }
}
