import { existsSync } from 'node:fs';
import { DirectoryCostFiles } from '../adapters/system/directory-cost-files.ts';
import { keyedHash, writeExport } from '../adapters/system/export-folder.ts';
import type { Settings } from '../core/config/settings.ts';
import type { BurstExportPorts } from '../flows/burst-export.ts';
import { slurmOf } from './burst.ts';
import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';

/** Of `asbb burst export`. */
export function burstExportWiring(ports: FullPorts, version: string): BurstExportPorts {
  const { settings, ledger, clock, log } = ports;
  return {
    settings,
    ledger,
    clock,
    log,
    version,
    slurm: slurmOf(settings),
    costFiles: new DirectoryCostFiles(settings.cost.data_dir),
    rateOf: () => pricingOf(settings).rateOf,
    keyedHash: keyedHash(settings.slurm.state_dir),
  };
}

interface Placed {
  readonly format: string;
  readonly folder: string;
  readonly name: string;
  readonly text: string;
}

/** Writes it; for ASBB also where its inbox was said to be (burst.md 2.4), if there is one. */
export function placeExport({ asbb }: Settings, { format, folder, name, text }: Placed): string {
  const path = writeExport(folder, name, text);
  const second = asbb.reconciliation_dir;
  if (format === 'asbb-reconciliation' && second !== folder && existsSync(second)) {
    writeExport(second, name, text);
  }
  return path;
}
