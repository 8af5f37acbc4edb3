// What the tests of the fake share: a world with one of each, the real SDK, and a bare caller.
import {
  EC2Client,
  type EC2ClientConfig,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import type { TypeSpec, WorldInput } from './world.ts';

export const IMAGE = 'ami-0a11ce00000000001';
export const SUBNET_A = 'subnet-0000000000000000a';
export const SUBNET_B = 'subnet-0000000000000000b';
export const SUBNET_C = 'subnet-0000000000000000c';
/** A second one in the zone of the first. */
export const SUBNET_A2 = 'subnet-000000000000000a2';
export const TEMPLATE = 'lt-00000000000000001';
export const EFA_TEMPLATE = 'lt-00000000000000002';

function type(
  name: string,
  size: readonly [vcpu: number, cores: number, mib: number],
  e10: number,
  more: Partial<TypeSpec> = {},
): TypeSpec {
  const [vcpu, cores, mib] = size;
  return {
    type: name,
    vcpu,
    cores,
    mib,
    arch: ['x86_64'],
    efa: false,
    cards: 1,
    od_e10: e10,
    usage: ['on-demand', 'spot'],
    strategies: ['cluster', 'partition', 'spread'],
    ...more,
  };
}

export const WORLD: WorldInput = {
  clock: { mode: 'manual' },
  zones: [
    { name: 'us-east-1a', id: 'use1-az1' },
    { name: 'us-east-1b', id: 'use1-az2' },
    { name: 'us-east-1c', id: 'use1-az4' },
  ],
  subnets: [
    { id: SUBNET_A, az: 'us-east-1a', cidr: '10.0.0.0/18' },
    { id: SUBNET_B, az: 'us-east-1b', cidr: '10.0.64.0/18' },
    { id: SUBNET_C, az: 'us-east-1c', cidr: '10.0.128.0/24', free: 8 },
    { id: SUBNET_A2, az: 'us-east-1a', cidr: '10.0.129.0/24' },
  ],
  types: [
    type('c5.large', [2, 1, 4096], 850_000_000),
    type('c5.xlarge', [4, 2, 8192], 1_700_000_000),
    type('c5.2xlarge', [8, 4, 16_384], 3_400_000_000),
    type('c5n.18xlarge', [72, 36, 196_608], 38_880_000_000, { efa: true }),
    type('p4d.24xlarge', [96, 48, 1_179_648], 327_726_000_000, {
      efa: true,
      cards: 4,
      interfaces: 60,
      gpus: [{ name: 'A100', manufacturer: 'NVIDIA', count: 8, mib: 40_960 }],
    }),
    type('c6g.xlarge', [4, 4, 8192], 1_360_000_000, { arch: ['arm64'] }),
    type('hpc6a.48xlarge', [96, 96, 393_216], 28_800_000_000, {
      efa: true,
      usage: ['on-demand'],
      zones: ['us-east-1b'],
    }),
    type('t3.micro', [2, 1, 1024], 104_000_000, { strategies: ['partition', 'spread'] }),
  ],
  spot_prices: [
    { type: 'c5.large', az: 'us-east-1a', at: '2025-12-30T00:00:00Z', e10: 330_000_000 },
    { type: 'c5.large', az: 'us-east-1b', at: '2025-12-30T00:00:00Z', e10: 310_000_000 },
    { type: 'c5.xlarge', az: 'us-east-1a', at: '2025-12-30T00:00:00Z', e10: 681_000_000 },
    { type: 'c5.xlarge', az: 'us-east-1b', at: '2025-12-30T00:00:00Z', e10: 700_000_000 },
  ],
  images: [
    { id: IMAGE, name: 'node' },
    { id: 'ami-0000000000000arm4', arch: 'arm64' },
  ],
  security_groups: [
    {
      id: 'sg-0a11ce00000000001',
      name: 'nodes',
      description: 'nodes of a cluster',
      permissions: [{ protocol: '-1', groups: ['sg-0a11ce00000000001'] }],
    },
  ],
  capacity_reservations: [
    { id: 'cr-00000000000000001', type: 'c5.2xlarge', az: 'us-east-1a', total: 4 },
  ],
  launch_templates: [
    {
      id: TEMPLATE,
      name: 'node',
      versions: [
        { ImageId: IMAGE, InstanceType: 'c5.large', SecurityGroupIds: ['sg-0a11ce00000000001'] },
        { ImageId: IMAGE, InstanceType: 'c5.xlarge' },
      ],
    },
    {
      id: EFA_TEMPLATE,
      name: 'mpi',
      versions: [
        {
          ImageId: IMAGE,
          InstanceType: 'c5n.18xlarge',
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              NetworkCardIndex: 0,
              InterfaceType: 'efa',
              Groups: ['sg-0a11ce00000000001'],
            },
          ],
        },
      ],
    },
  ],
};

/** One plain instance, with changes. */
export function runInput(more: Partial<RunInstancesCommandInput> = {}): RunInstancesCommandInput {
  return {
    MinCount: 1,
    MaxCount: 1,
    ImageId: IMAGE,
    InstanceType: 'c5.large',
    SubnetId: SUBNET_A,
    ...more,
  };
}

export function client(fake: { readonly url: string }, config: EC2ClientConfig = {}): EC2Client {
  return new EC2Client({
    region: 'us-east-1',
    endpoint: fake.url,
    credentials: { accessKeyId: 'FAKE1', secretAccessKey: 'secret' },
    maxAttempts: 1,
    ...config,
  });
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly code: string;
  readonly headers: Headers;
}

const CODE = /<Code>([^<]*)<\/Code>/;

/** A call without the SDK: what no client would send. */
export async function call(
  fake: { readonly url: string },
  action: string,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const service = action === 'GetCallerIdentity' ? 'sts' : 'ec2';
  const response = await fetch(fake.url, {
    method: 'POST',
    headers: { authorization: authorization(service), ...headers },
    body: new URLSearchParams({
      Action: action,
      Version: service === 'sts' ? '2011-06-15' : '2016-11-15',
      ...params,
    }),
  });
  const text = await response.text();
  const code = CODE.exec(text)?.[1] ?? '';
  return { status: response.status, text, code, headers: response.headers };
}

export function authorization(service = 'ec2', key = 'FAKE1', region = 'us-east-1'): string {
  const scope = `${key}/20260101/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
}

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? '1');

/** A count that grows with ASBB_TEST_SCALE up to its full size. */
export function scaled(ordinary: number, full: number): number {
  return Math.min(full, Math.round(ordinary * SCALE));
}

/** The name of the error that a call of the SDK ends with, or '' when it succeeds. */
export async function codeOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return '';
  } catch (error) {
    return (error as Error).name;
  }
}
