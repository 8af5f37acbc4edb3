import { COMMANDS } from '../../src/cli/commands.ts';

/** Commands by what takes about as long: a file of tests each, so that two cores share them. */
export const PARTS = [
  /^(?:account|allocations|check)/u,
  /^grant/u,
  /^(?!account|allocations|check|grant)/u,
].map((pattern) => Object.keys(COMMANDS).filter((id) => pattern.test(id)));
