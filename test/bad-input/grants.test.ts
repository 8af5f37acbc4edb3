import { PARTS } from './parts.ts';
import { refuseBadInput } from './suite.ts';

refuseBadInput(PARTS[1] ?? []);
