// Seeded streams: one for each purpose, so that a new kind of draw never shifts the others.
import { createHash } from 'node:crypto';

export interface Streams {
  readonly seed: number;
  readonly at: Map<string, number>;
}

export function newStreams(seed: number): Streams {
  return { seed, at: new Map() };
}

/** Uniform integer 0 … 2^32 - 1 (mulberry32, whose whole state is one number). */
function draw32(streams: Streams, name: string): number {
  const before = streams.at.get(name) ?? firstState(streams.seed, name);
  const state = (before + 0x6d_2b_79_f5) | 0;
  streams.at.set(name, state);
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return (t ^ (t >>> 14)) >>> 0;
}

function firstState(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}/${name}`).digest().readInt32BE(0);
}

/** Uniform in [0, 1). */
export function uniform(streams: Streams, name: string): number {
  return draw32(streams, name) / 4_294_967_296;
}

/** A duration within [from, to] seconds, in whole milliseconds, as microseconds. */
export function durationUs(
  streams: Streams,
  name: string,
  range: readonly [number, number],
): number {
  const [from, to] = range;
  return Math.round((from + (to - from) * uniform(streams, name)) * 1000) * 1000;
}

export function hex(streams: Streams, name: string, digits: number): string {
  let text = '';
  while (text.length < digits) {
    text += draw32(streams, name).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** Fleet and request ids look like UUIDs. */
export function uuid(streams: Streams, name: string): string {
  const digits = hex(streams, name, 32);
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, i) => digits.slice(cuts[i], end))
    .join('-');
}

export function shuffled<T>(streams: Streams, name: string, items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: uniform(streams, name) }));
  return keyed.sort((a, b) => a.key - b.key).map((entry) => entry.item);
}
