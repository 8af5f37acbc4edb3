import { readFileSync } from 'node:fs';
import { dayOf } from '../../core/grant/calendar.ts';
import { dayAt, type OffsetAt, parseZoneFile } from '../../core/grant/zone-file.ts';

const ZONES = '/usr/share/zoneinfo';

function offsetsOf(zone: string): OffsetAt | undefined {
  try {
    return parseZoneFile(readFileSync(`${ZONES}/${zone}`));
  } catch {
    return; // a machine without tzdata
  }
}

/** YYYYMMDD of epoch seconds in the site zone, by the system's zone file, else by Intl. */
export function siteDay(zone: string): (epochS: number) => number {
  let offsetAt: OffsetAt | undefined;
  let isKnown = false;
  return (epochS) => {
    if (zone === 'UTC') {
      return dayAt(epochS, 0);
    }
    if (!isKnown) {
      offsetAt = offsetsOf(zone);
      isKnown = true;
    }
    return offsetAt === undefined ? dayOf(epochS, zone) : dayAt(epochS, offsetAt(epochS));
  };
}
