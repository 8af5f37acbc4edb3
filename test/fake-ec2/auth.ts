// SigV4 as far as the fake looks at it: scope and key always, the signature itself on request.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './errors.ts';
import type { World } from './world.ts';

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const SPACES = / +/g;
const UNRESERVED = /[!'()*]/g;
const SKEW_MS = 5 * 60 * 1000;
/** The price list has endpoints of its own, whatever the region of the instances. */
const PRICING_REGIONS = ['us-east-1', 'eu-central-1', 'ap-south-1'];

interface Scope {
  readonly key: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signed: readonly string[];
  readonly signature: string;
}

/** The caller's access key, or AuthFailure. */
export function authenticate(
  request: SignedRequest,
  world: World,
  service: string,
  nowUs: number,
): string {
  const scope = scopeOf(request.headers['authorization'] ?? presigned(request.query));
  const regions = service === 'pricing' ? [world.region, ...PRICING_REGIONS] : [world.region];
  const isKnown =
    isKey(world, scope.key) && regions.includes(scope.region) && scope.service === service;
  if (!isKnown) {
    throw failure();
  }
  if (world.check_skew) {
    checkSkew(request.headers['x-amz-date'] ?? '', nowUs);
  }
  if (world.check_signature) {
    checkSignature(request, scope, world.secrets[scope.key] ?? '');
  }
  return scope.key;
}

function isKey({ keys, roles }: World, key: string): boolean {
  return keys.includes(key) || roles.some((role) => role.key === key);
}

function failure(): ApiError {
  return new ApiError(
    'AuthFailure',
    'AWS was not able to validate the provided access credentials',
  );
}

function scopeOf(header: string): Scope {
  const match = HEADER.exec(header);
  if (match === null) {
    throw failure();
  }
  const [, key = '', day = '', region = '', service = '', signed = '', signature = ''] = match;
  return { key, day, region, service, signed: signed.split(';'), signature };
}

/** A presigned GET carries the same facts in its query. */
function presigned(query: string): string {
  const params = new URLSearchParams(query);
  const credential = params.get('X-Amz-Credential') ?? '';
  const signed = params.get('X-Amz-SignedHeaders') ?? '';
  const signature = params.get('X-Amz-Signature') ?? '';
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
}

function checkSkew(text: string, nowUs: number): void {
  const match = AMZ_DATE.exec(text);
  const [, y, mo, d, h, mi, s] = match ?? [];
  const ms = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (!(Math.abs(ms - nowUs / 1000) <= SKEW_MS)) {
    throw new ApiError('RequestExpired', 'Request has expired.');
  }
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    UNRESERVED,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function checkSignature(request: SignedRequest, scope: Scope, secret: string): void {
  const headers = scope.signed
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(SPACES, ' ')}\n`)
    .join('');
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    headers,
    scope.signed.join(';'),
    sha256(request.body),
  ].join('\n');
  const place = `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
  const date = request.headers['x-amz-date'] ?? '';
  const text = ['AWS4-HMAC-SHA256', date, place, sha256(canonical)].join('\n');
  const day = hmac(`AWS4${secret}`, scope.day);
  const key = hmac(hmac(hmac(day, scope.region), scope.service), 'aws4_request');
  if (!timingSafeEqual(hmac(key, text), Buffer.from(scope.signature, 'hex'))) {
    throw failure();
  }
}
