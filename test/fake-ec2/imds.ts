// Instance metadata, version 2, per instance under /imds/<instance-id>/latest/… (fake-ec2.md section 9).
import type { Engine } from './engine.ts';
import { privateDns } from './instance-xml.ts';
import { stateOf } from './lifecycle.ts';
import { hex } from './random.ts';
import type { Instance } from './state.ts';
import { isoSeconds, SECOND_US } from './time.ts';

export interface MetadataReply {
  readonly status: number;
  readonly body: string;
}

const PATH = /^\/imds\/(i-[0-9a-f]+)\/latest\/(.*)$/;
const TTL_MAX = 21_600;

export class Metadata {
  readonly #tokens = new Map<string, { readonly instance: string; readonly untilUs: number }>();

  answer(
    engine: Engine,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): MetadataReply {
    const [, id = '', rest = ''] = PATH.exec(path) ?? [];
    const instance = engine.state.instances.get(id);
    if (instance === undefined || stateOf(instance) === 'terminated') {
      return { status: 404, body: '' };
    }
    if (rest === 'api/token') {
      return this.#token(engine, id, method, headers['x-aws-ec2-metadata-token-ttl-seconds']);
    }
    const token = this.#tokens.get(headers['x-aws-ec2-metadata-token'] ?? '');
    if (token?.instance !== id || token.untilUs < engine.state.nowUs) {
      return { status: 401, body: '' };
    }
    const value = method === 'GET' ? metadata(engine, instance, rest) : undefined;
    return value === undefined ? { status: 404, body: '' } : { status: 200, body: value };
  }

  #token(engine: Engine, instance: string, method: string, ttl: string | undefined): MetadataReply {
    const seconds = Number(ttl);
    if (method !== 'PUT') {
      return { status: 405, body: '' };
    }
    if (!(seconds >= 1 && seconds <= TTL_MAX)) {
      return { status: 400, body: '' };
    }
    const token = hex(engine.state.streams, 'imds', 40);
    this.#tokens.set(token, { instance, untilUs: engine.state.nowUs + seconds * SECOND_US });
    return { status: 200, body: token };
  }
}

const TAG_PATH = 'meta-data/tags/instance/';

function iso(us: number): string {
  return isoSeconds(us).replace('.000Z', 'Z');
}

/** Undefined: 404. There are never credentials here: nodes have no rights. */
function metadata(engine: Engine, instance: Instance, path: string): string | undefined {
  if (path.startsWith(TAG_PATH)) {
    return instance.tags.get(decodeURIComponent(path.slice(TAG_PATH.length)));
  }
  const { noticeUs, takenUs, rebalanceUs } = instance;
  switch (path) {
    case 'meta-data/instance-id':
      return instance.id;
    case 'meta-data/instance-type':
      return instance.type;
    case 'meta-data/placement/availability-zone':
      return instance.az;
    case 'meta-data/local-ipv4':
      return instance.ip;
    case 'meta-data/local-hostname':
    case 'meta-data/hostname':
      return privateDns(engine, instance.ip);
    case 'meta-data/spot/instance-action':
      return noticeUs === undefined || takenUs === undefined
        ? undefined
        : JSON.stringify({ action: 'terminate', time: iso(takenUs) });
    case 'meta-data/events/recommendations/rebalance':
      return rebalanceUs === undefined
        ? undefined
        : JSON.stringify({ noticeTime: iso(rebalanceUs) });
    default:
      return undefined;
  }
}
