import { nodeSize } from '../burst/node-count.ts';
import { nodePlace } from '../burst/node-names.ts';
import type { PartitionSettings } from '../config/settings.ts';
import type { NodeUse } from './use.ts';

/** Hours times cores and GPUs of the nodes, as the configuration has them. */
export interface CoreUse {
  readonly coreSeconds: number;
  readonly gpuSeconds: number;
  /** On nodes that the configuration does not name any more. */
  readonly unknownSeconds: number;
}

type NodeSize = ReturnType<typeof nodeSize>;

function gpusOf(gres: NodeSize['gres']): number {
  return gres
    .filter(({ name }) => name === 'gpu' || name.startsWith('gpu:'))
    .reduce((total, { count }) => total + count, 0);
}

export function coreUse(
  nodes: readonly NodeUse[],
  partitions: readonly PartitionSettings[],
): CoreUse {
  const sizes = nodes.map(({ node, seconds }) => {
    const place = nodePlace(partitions, node);
    return { seconds, size: place && nodeSize(place.group) };
  });
  function total(of: (size: NodeSize | undefined) => number): number {
    return sizes.reduce((sum, { seconds, size }) => sum + seconds * of(size), 0);
  }
  return {
    coreSeconds: total((size) => size?.cpus ?? 0),
    gpuSeconds: total((size) => (size === undefined ? 0 : gpusOf(size.gres))),
    unknownSeconds: total((size) => (size === undefined ? 1 : 0)),
  };
}
