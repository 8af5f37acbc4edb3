// Starts instances that were found to have room.
import { openReservations } from './capacity.ts';
import { type Call, effect } from './engine.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { begin } from './lifecycle.ts';
import { durationUs, hex, type Streams } from './random.ts';
import type { Instance, SubnetState } from './state.ts';
import { checkCount, setTags } from './tags.ts';
import { SECOND_US } from './time.ts';

export interface Batch {
  readonly n: number;
  readonly clientToken: string;
  readonly fleetId: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** The reservation's instances; `Headroom` has said that there is room for them. */
export function launch(call: Call, spec: LaunchSpec, batch: Batch): Instance[] {
  const { streams } = call.engine.state;
  const reservationId = `r-${hex(streams, 'reservation', 17)}`;
  const tags = new Map([...ec2Tags(spec, batch), ...batch.tags]);
  checkCount(tags);
  const instances: Instance[] = [];
  for (let i = 0; i < batch.n; i += 1) {
    const instance = newInstance(call, spec, { ...batch, reservationId, index: i });
    register(call, instance, tags, i);
    instances.push(instance);
  }
  return instances;
}

/** Tags that EC2 sets by itself. */
function ec2Tags(spec: LaunchSpec, batch: Batch): Map<string, string> {
  const tags = new Map<string, string>();
  if (spec.template !== undefined) {
    tags.set('aws:ec2launchtemplate:id', spec.template.template.id);
    tags.set('aws:ec2launchtemplate:version', String(spec.template.version.version));
  }
  if (batch.fleetId !== '') {
    tags.set('aws:ec2:fleet-id', batch.fleetId);
  }
  return tags;
}

function newInstance(
  call: Call,
  spec: LaunchSpec,
  batch: Batch & { readonly reservationId: string; readonly index: number },
): Instance {
  const { world, state } = call.engine;
  const { changes } = call;
  const { pool } = spec;
  const id = newId(state.streams, (candidate) => state.instances.has(candidate));
  const isSpot = pool.market === 'spot';
  return {
    id,
    ordinal: state.nextOrdinal,
    launchIndex: batch.index,
    reservationId: batch.reservationId,
    fleetId: batch.fleetId,
    type: pool.type.type,
    az: pool.subnet.az,
    subnetId: pool.subnet.id,
    imageId: spec.imageId,
    ip: call.isPretence ? '' : takeAddress(pool.subnet, id),
    nics: spec.nics.map((nic) => ({ ...nic, id: `eni-${hex(state.streams, 'nic', 17)}` })),
    volumes: spec.volumes,
    arch: pool.arch,
    market: pool.market,
    spotRequestId: isSpot ? `sir-${hex(state.streams, 'spot', 8)}` : '',
    clientToken: batch.clientToken,
    groupName: pool.groupName,
    tenancy: spec.tenancy,
    capacityReservationId: openReservations(call, pool).find((open) => open.free > 0)?.id ?? '',
    profile: spec.profile,
    keyName: spec.keyName,
    securityGroups: spec.securityGroups,
    onShutdown: isSpot ? 'terminate' : spec.onShutdown,
    launchUs: state.nowUs,
    visibleUs: state.nowUs + us(changes.invisible_s ?? world.life.invisible_s),
    staleUs: us(changes.stale_s ?? world.life.stale_s),
    tagsLateUs: us(changes.tags_late_s ?? world.life.tags_late_s),
    tags: new Map(),
    lateTags: [],
    looks: [
      { atUs: state.nowUs, state: 'pending', code: 'pending', message: 'pending', reason: '' },
    ],
    runningUs: undefined,
    endUs: undefined,
    endCause: '',
    terminatedUs: undefined,
    endedPending: false,
    isProtected: spec.isProtected,
    noticeUs: undefined,
    takenUs: undefined,
    rebalanceUs: undefined,
    impairedUs: undefined,
    scheduled: [],
    boot: 'no',
    node: '',
    due: [],
  };
}

function us(seconds: number): number {
  return Math.round(seconds * SECOND_US);
}

function register(
  call: Call,
  instance: Instance,
  tags: ReadonlyMap<string, string>,
  index: number,
): void {
  const { engine, changes } = call;
  const { state, world } = engine;
  setTags(instance, tags, state.nowUs);
  if (call.isPretence) {
    return;
  }
  state.nextOrdinal += 1;
  if (instance.spotRequestId !== '') {
    state.spotRequests.set(instance.spotRequestId, {
      id: instance.spotRequestId,
      instanceId: instance.id,
      createdUs: state.nowUs,
      code: 'fulfilled',
      updatedUs: state.nowUs,
    });
  }
  effect(engine, 'created', call.action, {
    instance: instance.id,
    request: call.n,
    type: instance.type,
    az: instance.az,
    market: instance.market,
    ip: instance.ip,
    token: instance.clientToken,
    tags: Object.fromEntries(tags),
  });
  const pendingUs =
    changes.pending_s === undefined
      ? durationUs(state.streams, 'pending', world.life.pending_s)
      : us(changes.pending_s);
  begin(engine, instance, pendingUs, index < (changes.launch_fails ?? 0));
}

function newId(streams: Streams, isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = `i-${hex(streams, 'instance', 17)}`;
    if (!isTaken(id)) {
      return id;
    }
  }
}

function takeAddress(subnet: SubnetState, instanceId: string): string {
  for (let tries = 0; tries < subnet.size; tries += 1) {
    const number = subnet.base + ((subnet.next + tries) % subnet.size);
    const ip = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
    if (!subnet.used.has(ip)) {
      subnet.next = (subnet.next + tries + 1) % subnet.size;
      subnet.used.set(ip, instanceId);
      return ip;
    }
  }
  throw new Error(`no address left in ${subnet.id}`);
}
