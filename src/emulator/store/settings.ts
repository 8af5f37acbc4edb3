import { Complaint } from '../complaint.ts';

/** The numbers of emulator.md 3, measured on SLURM 22.05.8; seconds. */
export interface Settings {
  readonly resume_delay: number;
  readonly start_tick: number;
  readonly requeue_delay: number;
  /** After SlurmdTimeout. */
  readonly lost_delay: number;
  readonly dbd_lag: number;
  readonly resume_file: '22.05' | '23.02';
  /** Real seconds that a tick waits for a program before it goes on without it. */
  readonly patience: number;
}

const DEFAULTS: Settings = {
  resume_delay: 1,
  start_tick: 30,
  requeue_delay: 121,
  lost_delay: 12,
  dbd_lag: 1,
  resume_file: '22.05',
  patience: 60,
};

const NUMBER = /^[0-9]{1,9}$/;

export function checkSetting(key: string, value: string): void {
  if (!Object.hasOwn(DEFAULTS, key)) {
    throw new Complaint(
      `emulate set: no such key: ${key} (${Object.keys(DEFAULTS).join(', ')})`,
      2,
    );
  }
  const isGood = key === 'resume_file' ? ['22.05', '23.02'].includes(value) : NUMBER.test(value);
  if (!isGood) {
    throw new Complaint(`emulate set: ${key} cannot be ${value}`, 2);
  }
}

export function settingsOf(stored: ReadonlyMap<string, string>): Settings {
  function number(key: Exclude<keyof Settings, 'resume_file'>): number {
    return Number(stored.get(key) ?? DEFAULTS[key]);
  }
  return {
    resume_delay: number('resume_delay'),
    start_tick: number('start_tick'),
    requeue_delay: number('requeue_delay'),
    lost_delay: number('lost_delay'),
    dbd_lag: number('dbd_lag'),
    patience: number('patience'),
    resume_file: stored.get('resume_file') === '23.02' ? '23.02' : '22.05',
  };
}
