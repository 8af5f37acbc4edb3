// Which filesystems may hold the ledger (reliability.md 2.1): WAL needs memory shared between
// processes on one machine; on a network filesystem two heads would each see their own.

const ACCEPTED = new Set([
  0xef_53, // ext2/3/4
  0x58_46_53_42, // XFS
  0x91_23_68_3e, // btrfs
  0x2f_c1_2f_c1, // ZFS
  0xf2_f5_20_10, // f2fs
]);

const SHARED: ReadonlyMap<number, string> = new Map([
  [0x69_69, 'NFS'],
  [0x51_7b, 'SMB'],
  [0xff_53_4d_42, 'CIFS'],
  [0xfe_53_4d_42, 'SMB2'],
  [0x0b_d0_0b_d0, 'Lustre'],
  [0x47_50_46_53, 'GPFS'],
  [0x19_83_03_26, 'BeeGFS'],
  [0x00_c3_64_00, 'Ceph'],
  [0xaa_d7_aa_ea, 'PanFS'],
  [0x20_03_05_28, 'OrangeFS'],
  [0x53_46_41_4f, 'AFS'],
  [0x6b_41_46_53, 'AFS'],
  [0x73_75_72_45, 'Coda'],
  [0x74_61_63_6f, 'OCFS2'],
  [0x01_16_19_70, 'GFS2'],
  [0x01_02_19_97, '9p'],
  [0x65_73_55_46, 'FUSE'],
]);

const VOLATILE: ReadonlyMap<number, string> = new Map([
  [0x01_02_19_94, 'tmpfs'],
  [0x79_4c_76_30, 'overlay'],
]);

export interface FilesystemRules {
  /** `database.allow_fs_magic`: numbers as text, `0x…` or decimal. */
  readonly allowFsMagic: readonly string[];
  readonly allowVolatile: boolean;
}

/** Why the ledger may not lie on a filesystem of this statfs type; undefined when it may. */
export function distrustFilesystem(type: number, rules: FilesystemRules): string | undefined {
  const magic = type >>> 0; // statfs may sign-extend it
  const shared = SHARED.get(magic);
  if (shared !== undefined) {
    return `${shared} is shared between machines`;
  }
  const fleeting = VOLATILE.get(magic);
  if (fleeting !== undefined) {
    return rules.allowVolatile
      ? undefined
      : `${fleeting} does not survive a restart (database.allow_volatile permits it)`;
  }
  if (ACCEPTED.has(magic) || rules.allowFsMagic.some((text) => Number(text) === magic)) {
    return undefined;
  }
  return `filesystem type 0x${magic.toString(16)} is unknown (database.allow_fs_magic permits it)`;
}
