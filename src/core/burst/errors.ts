// Classes of EC2's answers to a launch and what each one asks for (burst.md 5.6). The code decides;
// the HTTP status only where no code could be read.

export type LaunchClass =
  | 'capacity'
  | 'addresses'
  | 'quota'
  | 'volume'
  | 'permission'
  | 'request'
  | 'placement'
  | 'throttle'
  | 'unknown'
  | 'idempotency';

/** Our own: some but not all members came. */
export const LIMITED_CAPACITY = 'LimitedInstanceCapacity';
/** Our own: the connection never stood, so EC2 has not seen the request. */
export const NOT_SENT = 'NotSent';
/** Our own: no credentials could be had. */
export const NO_CREDENTIALS = 'NoCredentials';

const EXACT: Readonly<Record<string, LaunchClass>> = {
  InsufficientInstanceCapacity: 'capacity',
  InsufficientHostCapacity: 'capacity',
  InsufficientReservedInstanceCapacity: 'capacity',
  InsufficientCapacity: 'capacity',
  ReservationCapacityExceeded: 'capacity',
  UnfulfillableCapacity: 'capacity',
  MaxSpotInstanceCountExceeded: 'capacity',
  SpotMaxPriceTooLow: 'capacity',
  Unsupported: 'capacity',
  [LIMITED_CAPACITY]: 'capacity',
  InsufficientFreeAddressesInSubnet: 'addresses',
  VcpuLimitExceeded: 'quota',
  InstanceLimitExceeded: 'quota',
  MaxFleetCountExceeded: 'quota',
  VolumeLimitExceeded: 'volume',
  InsufficientVolumeCapacity: 'volume',
  UnauthorizedOperation: 'permission',
  AuthFailure: 'permission',
  ExpiredToken: 'permission',
  RequestExpired: 'permission',
  InvalidClientTokenId: 'permission',
  OptInRequired: 'permission',
  PendingVerification: 'permission',
  [NO_CREDENTIALS]: 'permission',
  'InvalidSubnetID.NotFound': 'request',
  'InvalidKeyPair.NotFound': 'request',
  InvalidInput: 'request',
  MissingParameter: 'request',
  'InvalidPlacementGroup.Unknown': 'placement',
  RequestLimitExceeded: 'throttle',
  InternalError: 'unknown',
  InternalFailure: 'unknown',
  ServiceUnavailable: 'unknown',
  Unavailable: 'unknown',
  IdempotentParameterMismatch: 'idempotency',
  [NOT_SENT]: 'throttle',
};

const BY_PREFIX: readonly (readonly [prefix: string, as: LaunchClass])[] = [
  ['AccessDenied', 'permission'],
  ['Throttling', 'throttle'],
  ['InvalidLaunchTemplate', 'request'],
  ['InvalidAMIID.', 'request'],
  ['InvalidGroup', 'request'],
  ['InvalidParameter', 'request'],
  ['InvalidFleetConfig', 'request'],
];

const TOO_MANY_REQUESTS = 429;
const SERVER_SIDE = 500;

/** `code` as EC2 spells it, '' when none could be read; `status` 0 when there was no answer. */
export function launchClassOf(code: string, status: number): LaunchClass {
  return knownClass(code) ?? classOfStatus(code, status);
}

/** An unknown 4xx code is class request, but says nothing against the node group. */
export function marksGroupBroken(code: string): boolean {
  return knownClass(code) === 'request';
}

function knownClass(code: string): LaunchClass | undefined {
  if (Object.hasOwn(EXACT, code)) {
    return EXACT[code];
  }
  return BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
}

function classOfStatus(code: string, status: number): LaunchClass {
  if (status === TOO_MANY_REQUESTS) {
    return 'throttle';
  }
  if (status >= SERVER_SIDE) {
    return 'unknown';
  }
  // Inside a fleet's errors there is no status: a code never seen there is about its pool.
  return status === 0 && code !== '' ? 'capacity' : 'request';
}

/** The next rung may still work: nothing is wrong with the request itself. */
export function triesNextRung(as: LaunchClass): boolean {
  switch (as) {
    case 'capacity':
    case 'addresses':
    case 'placement':
      return true;
    case 'quota':
    case 'volume':
    case 'permission':
    case 'request':
    case 'throttle':
    case 'unknown':
    case 'idempotency':
      return false;
  }
}

const PERMISSION_TRIES = 2;

/** The job waits for a person (`scontrol hold`) instead of starting again by itself (burst.md 9.5). */
export function holdsJob(as: LaunchClass, aborts: number): boolean {
  switch (as) {
    case 'permission':
      return aborts >= PERMISSION_TRIES;
    case 'request':
      return true;
    case 'capacity':
    case 'addresses':
    case 'quota':
    case 'volume':
    case 'placement':
    case 'throttle':
    case 'unknown':
    case 'idempotency':
      return false;
  }
}

/** An operator must look: nothing here heals by itself. */
export function alertsOperator(as: LaunchClass): boolean {
  switch (as) {
    case 'permission':
    case 'request':
    case 'quota':
    case 'volume':
    case 'idempotency':
      return true;
    case 'capacity':
    case 'addresses':
    case 'placement':
    case 'throttle':
    case 'unknown':
      return false;
  }
}

interface CodedError {
  readonly code: string;
}

/**
 * The one code that speaks for a fleet's errors: what needs a person first, then throttling, then
 * capacity. `UnfulfillableCapacity` only says that nothing came, so it yields to any other.
 */
export function leadingCode(errors: readonly CodedError[]): string {
  const ranked = errors
    .map(({ code }) => ({ code, rank: RANK.indexOf(launchClassOf(code, 0)) }))
    .toSorted((a, b) => a.rank - b.rank || vagueness(a.code) - vagueness(b.code));
  return ranked[0]?.code ?? LIMITED_CAPACITY;
}

const RANK: readonly LaunchClass[] = [
  'permission',
  'request',
  'idempotency',
  'quota',
  'volume',
  'throttle',
  'unknown',
  'addresses',
  'placement',
  'capacity',
];

function vagueness(code: string): number {
  return code === 'UnfulfillableCapacity' ? 1 : 0;
}
