import { counted } from '../../core/counted.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Clock, Log } from '../../ports/system.ts';
import { processAllocations } from './process-allocations.ts';

export interface DuePorts {
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Pick<Clock, 'nowUs' | 'sleep'>;
  readonly settings: {
    readonly site: { readonly timezone: string };
    readonly allocations: { readonly process_interval: number; readonly auto_process: boolean };
    readonly integration: { readonly allocation_scheduling_enabled: boolean };
  };
}

const NOTE = 'maintain:allocations';
const MICROS_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1000;

/**
 * The step of `maintain` (budget.md 6.3): not more often than `allocations.process_interval`. Returns
 * one sentence, undefined when it was not its time.
 */
export async function processDue(ports: DuePorts): Promise<string | undefined> {
  const { ledger, settings, clock } = ports;
  const nowS = Math.floor(clock.nowUs() / MICROS_PER_SECOND);
  const { notes } = await ledger.read({ notes: [NOTE] });
  const sinceS = nowS - Number(notes[NOTE] ?? 0);
  // A clock that was set back must not stop it for long.
  if (sinceS >= 0 && sinceS * MS_PER_SECOND < settings.allocations.process_interval) {
    return;
  }
  const zone = settings.site.timezone;
  const { allocations, unposted } = await processAllocations(
    { verb: 'maintain' },
    { ...ports, zone },
  );
  await ledger.decide({ scope: 'site', verb: 'maintain', args: {} }, {}, () => ({
    changes: [{ change: 'putNote', name: NOTE, value: String(nowS) }],
    answer: null,
  }));
  const short = unposted.length === 0 ? '' : `, ${unposted.length} that no award can pay`;
  return `${counted(allocations.length, 'allocation')} posted${short}`;
}
