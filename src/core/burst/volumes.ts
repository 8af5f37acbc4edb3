import type { NodeGroupSettings, Settings } from '../config/settings.ts';
import { type Money, parseAmount } from '../money/money.ts';
import { type Rate, ZERO_RATE } from '../money/rate.ts';
import { volumeMonths, volumesRate } from '../money/volumes.ts';

// The volumes that an instance is launched with, and that go with it (burst.md COST-8).

/** A block device mapping of a launch template or of an image, as far as it says something. */
export interface MappedVolume {
  readonly device: string;
  /** Undefined: as the snapshot, or as the image says. */
  readonly gib: number | undefined;
  /** Undefined: as the image says, else it goes with the instance. */
  readonly deleteOnTermination: boolean | undefined;
  /** The template takes the image's volume of this device away. */
  readonly isRemoved?: boolean | undefined;
}

/**
 * GiB of every volume that ends with its instance: the template's mappings laid over the image's, device by
 * device. One whose size neither tells (a snapshot that only the template names) is left out.
 */
export function volumeSizes(
  template: readonly MappedVolume[],
  image: readonly MappedVolume[],
): readonly number[] {
  const volumes = new Map(image.map((volume) => [volume.device, volume]));
  for (const { device, gib, deleteOnTermination, isRemoved } of template) {
    const below = volumes.get(device);
    volumes.set(device, {
      device,
      gib: isRemoved === true ? undefined : (gib ?? below?.gib),
      deleteOnTermination: deleteOnTermination ?? below?.deleteOnTermination,
    });
  }
  return [...volumes.values()].flatMap(({ gib, deleteOnTermination }) =>
    gib === undefined || deleteOnTermination === false ? [] : [gib],
  );
}

/** What each of these volumes costs a month; none where volumes are not reckoned. */
export function volumeCosts(
  gib: readonly number[] | undefined,
  { include_ebs: isReckoned, ebs_gb_month_price: price }: Settings['cost'],
): readonly Money[] {
  const perGib = parseAmount(price ?? '');
  return isReckoned && perGib !== undefined ? volumeMonths(gib ?? [], perGib) : [];
}

/** The volumes of one node by the hour: what a hold must cover beside its instance. */
export function volumeRate(gib: readonly number[] | undefined, cost: Settings['cost']): Rate {
  return volumesRate(volumeCosts(gib, cost));
}

/** GiB of the volumes of launch templates, as EC2 last told them: by `templateName`. */
export type KnownVolumes = Readonly<Record<string, readonly number[]>>;

export function templateName({ launch_template_specification: spec }: NodeGroupSettings): string {
  return `${spec.launch_template_id ?? spec.launch_template_name ?? ''} ${spec.version}`;
}

/** Before EC2 is asked (burst.md 8.0): a template that nobody has looked at yet counts without volumes. */
export function knownVolumeRate(
  { cost }: Pick<Settings, 'cost'>,
  known: KnownVolumes,
): (group: NodeGroupSettings) => Rate {
  return cost.include_ebs
    ? (group) => volumeRate(known[templateName(group)], cost)
    : () => ZERO_RATE;
}
