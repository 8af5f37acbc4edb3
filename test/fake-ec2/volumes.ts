// Volumes: what the image has, what the template or the request says of them, and what they cost.
import type { Params } from './params.ts';
import type { ImageSpec } from './world.ts';

export interface Volume {
  readonly device: string;
  readonly gib: number;
  /** It stays when its instance ends, and is then not billed to it. */
  readonly isKept: boolean;
}

const GIB_MAX = 65_536;

/** The image's mappings, changed device by device by those of the launch (D). */
export function readVolumes(params: Params, image: ImageSpec): readonly Volume[] {
  const volumes = new Map(
    (image.volumes ?? []).map(({ device, gib, kept = false }) => [
      device,
      { device, gib, isKept: kept },
    ]),
  );
  for (const mapping of params.structs('BlockDeviceMapping')) {
    const device = mapping.need('DeviceName');
    const changed = readMapping(mapping, device, volumes.get(device));
    volumes.delete(device);
    if (changed !== undefined) {
      volumes.set(device, changed);
    }
  }
  return [...volumes.values()];
}

function readMapping(
  mapping: Params,
  device: string,
  below: Volume | undefined,
): Volume | undefined {
  const gib = mapping.int('Ebs.VolumeSize', 1, GIB_MAX) ?? below?.gib;
  const ends = mapping.oneOf('Ebs.DeleteOnTermination', ['true', 'false']);
  const isKept = ends === undefined ? (below?.isKept ?? false) : ends === 'false';
  return mapping.text('NoDevice') !== undefined || gib === undefined
    ? undefined
    : { device, gib, isKept };
}

const MONTH_S = 30n * 86_400n;

/** GiB × price × seconds over a month of 30 days, half up. */
export function volumeMicro(gib: number, perGibMonth: number, seconds: number): number {
  const twice = 2n * BigInt(gib) * BigInt(perGibMonth) * BigInt(seconds);
  return Number((twice + MONTH_S) / (2n * MONTH_S));
}
