// The control socket (fake-ec2.md section 10): what a test sees and does besides the API.
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { billOf } from './billing.ts';
import { changeCapacity, changePrice, external, interruptById } from './control-actions.ts';
import { isLive } from './engine.ts';
import type { Fake } from './fake.ts';
import { stateOf } from './lifecycle.ts';
import { readBody } from './server.ts';
import { freeAddresses } from './state.ts';
import { bucketLevels } from './throttle.ts';

export type Json = Readonly<Record<string, unknown>>;
type Handler = (fake: Fake, body: Json, query: URLSearchParams) => unknown;

/** A request that cannot be done now: 409. */
class Conflict extends Error {}

export function controlServer(fake: Fake): Server {
  return createServer((req, res) => {
    handle(fake, req)
      .then((value) => ({ status: 200, value }))
      .catch((error: unknown) => ({
        status: error instanceof Conflict ? 409 : 400,
        value: { error: (error as Error).message },
      }))
      .then(({ status, value }) => {
        const text = JSON.stringify(value ?? {});
        res.writeHead(status, { 'content-type': 'application/json' }).end(text);
      })
      .catch(() => res.destroy());
  });
}

async function handle(fake: Fake, req: IncomingMessage): Promise<unknown> {
  const url = new URL(req.url ?? '/', 'http://control');
  const text = (await readBody(req)).toString('utf8');
  const body = text === '' ? {} : (JSON.parse(text) as Json);
  const handler = HANDLERS[`${req.method} ${url.pathname}`];
  if (handler === undefined) {
    throw new Error(`no ${req.method} ${url.pathname}`);
  }
  fake.engine.clock.tick();
  await fake.engine.boots.settled();
  return await handler(fake, body, url.searchParams);
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /state': getState,
  'GET /journal': (fake, _body, query) =>
    fake.engine.journal.since(Number(query.get('since') ?? 0)),
  'GET /bill': (fake) => billOf(fake.engine),
  'GET /faults': listFaults,
  'GET /buckets': (fake) => bucketLevels(fake.engine),
  'GET /clock': getClock,
  'POST /clock': postClock,
  'POST /faults': postFaults,
  'POST /capacity': (fake, body) => changeCapacity(fake.engine, body),
  'POST /price': (fake, body) => changePrice(fake.engine, body),
  'POST /interrupt': (fake, body) => interruptById(fake.engine, body),
  'POST /external': (fake, body) => external(fake.engine, body),
  'POST /world': (fake, body) => fake.change(body),
  'POST /expect': expectation,
  'POST /snapshot': snapshot,
  'POST /reset': (fake) => fake.reset(),
};

function getState(fake: Fake): unknown {
  const { state } = fake.engine;
  return {
    now_us: state.nowUs,
    counts: state.counts,
    instances: [...state.instances.values()].map((instance) => ({
      id: instance.id,
      state: stateOf(instance),
      type: instance.type,
      az: instance.az,
      market: instance.market,
      subnet: instance.subnetId,
      ip: instance.ip,
      group: instance.groupName,
      reservation: instance.reservationId,
      fleet: instance.fleetId,
      token: instance.clientToken,
      node: instance.node,
      boot: instance.boot,
      launch_us: instance.launchUs,
      running_us: instance.runningUs ?? null,
      end_us: instance.endUs ?? null,
      end_cause: instance.endCause,
      terminated_us: instance.terminatedUs ?? null,
      notice_us: instance.noticeUs ?? null,
      tags: Object.fromEntries(instance.tags),
    })),
    subnets: [...state.subnets.values()].map((subnet) => ({
      id: subnet.id,
      az: subnet.az,
      free: freeAddresses(subnet),
    })),
    groups: [...state.groups.values()].map(({ name, id, strategy, tags }) => ({
      name,
      id,
      strategy,
      tags: Object.fromEntries(tags),
    })),
    templates: [...state.templates.values()].map(({ id, name, versions, defaultVersion }) => ({
      id,
      name,
      default_version: defaultVersion,
      versions: versions.map((version) => Object.fromEntries(version.data)),
    })),
    fleets: [...state.fleets.values()].map(({ id, tags }) => ({
      id,
      tags: Object.fromEntries(tags),
    })),
    tokens: [...state.tokens.keys()],
  };
}

function getClock(fake: Fake): unknown {
  const { state, clock } = fake.engine;
  return { now_us: state.nowUs, next_event_us: clock.nextEventUs() ?? null };
}

async function postClock(fake: Fake, body: Json): Promise<unknown> {
  const { advance_s: seconds, to_us: toUs } = body;
  if (typeof seconds === 'number') {
    await fake.engine.clock.advance((nowUs) => nowUs + Math.round(seconds * 1_000_000));
  } else if (typeof toUs === 'number') {
    await fake.engine.clock.advance(() => toUs);
  } else {
    throw new Error('advance_s or to_us is needed');
  }
  return getClock(fake);
}

function listFaults(fake: Fake): unknown {
  return fake.faults.list().map(({ rule, matched, fired }) => ({ ...rule, matched, fired }));
}

/** One rule or a list adds; `{"add": […]}`, `{"remove": ["id"]}`, `{"clear": true}` do what they say. */
function postFaults(fake: Fake, body: Json): unknown {
  const { add, remove, clear } = body as {
    add?: readonly unknown[];
    remove?: readonly string[];
    clear?: boolean;
  };
  if (clear === true) {
    fake.faults.clear();
  }
  fake.faults.remove(remove ?? []);
  const isRules = Array.isArray(body) || body['match'] !== undefined;
  fake.faults.add(isRules ? [body].flat() : (add ?? []));
  return listFaults(fake);
}

const POLL_MS = 10;

/** Waits (virtual seconds; under a manual clock: not at all) until the numbers are as given. */
async function expectation(fake: Fake, body: Json): Promise<unknown> {
  const { within_s: within, ...wanted } = body;
  const { engine } = fake;
  const limitUs = engine.state.nowUs + Number(within ?? 0) * 1_000_000;
  for (;;) {
    const seen = numbers(fake);
    const wrong = Object.entries(wanted).filter(([name, value]) => seen[name] !== value);
    if (wrong.length === 0) {
      return seen;
    }
    if (engine.clock.isManual || engine.state.nowUs > limitUs) {
      throw new Conflict(`expected ${JSON.stringify(wanted)}, seen ${JSON.stringify(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    engine.clock.tick();
  }
}

function numbers(fake: Fake): Record<string, unknown> {
  const instances = [...fake.engine.state.instances.values()];
  function inState(name: string): number {
    return instances.filter((i) => stateOf(i) === name).length;
  }
  return {
    live: instances.filter(isLive).length,
    launched: instances.length,
    pending: inState('pending'),
    running: inState('running'),
    terminated: inState('terminated'),
    groups: fake.engine.state.groups.size,
  };
}

/** To `path`, or as the answer's `state`. */
function snapshot(fake: Fake, body: Json): unknown {
  const text = fake.snapshot();
  if (typeof body['path'] === 'string') {
    writeFileSync(body['path'], text, { mode: 0o600 });
    return { path: body['path'] };
  }
  return { state: text };
}
