import { type KnownVolumes, templateName } from '../../core/burst/volumes.ts';
import type { NodeGroupSettings } from '../../core/config/settings.ts';
import { Fault } from '../../core/errors.ts';
import { isCloudRefusal, type LaunchTemplate } from '../../ports/cloud.ts';
import type { BurstPorts } from './burst-ports.ts';

type Ports = Pick<BurstPorts, 'settings' | 'cloud' | 'volumes' | 'log'>;

/** For the price of the next submissions; only a cache, so what fails is told and comes again. */
export function noteVolumes(
  found: readonly { readonly group: NodeGroupSettings; readonly template: LaunchTemplate }[],
  { settings, volumes, log }: Ports,
): void {
  if (!settings.cost.include_ebs || volumes === undefined) {
    return;
  }
  const before = volumes.read();
  const now: KnownVolumes = {
    ...before,
    ...Object.fromEntries(
      found.map(({ group, template }) => [templateName(group), template.volumes ?? []]),
    ),
  };
  if (JSON.stringify(now) === JSON.stringify(before)) {
    return;
  }
  try {
    volumes.write(now);
  } catch (error) {
    log.write('warn', 'volumes_not_noted', { msg: asFault(error).message });
  }
}

/** Asks for the templates that nobody has launched from yet, so that their first jobs are held right. */
export async function learnVolumes(ports: Ports): Promise<void> {
  const { settings, volumes, cloud, log } = ports;
  if (!settings.cost.include_ebs || volumes === undefined) {
    return;
  }
  const known = volumes.read();
  const groups = settings.slurm.partitions.flatMap(({ node_groups }) => node_groups);
  const found: { group: NodeGroupSettings; template: LaunchTemplate }[] = [];
  for (const group of groups.filter((each) => known[templateName(each)] === undefined)) {
    const { launch_template_name: name, launch_template_id: id } =
      group.launch_template_specification;
    const { version } = group.launch_template_specification;
    try {
      const template = await cloud.launchTemplate(name ?? '', id ?? '', version);
      if (!isCloudRefusal(template)) {
        found.push({ group, template });
      }
    } catch (error) {
      log.write('warn', 'volumes_unknown', { msg: asFault(error).message });
    }
  }
  if (found.length > 0) {
    noteVolumes(found, ports);
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) {
    return error;
  }
  throw error;
}
