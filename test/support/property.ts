import fc from 'fast-check';

// Properties get the same cases on every machine, each time: what fails is found again. Others by
// ASBB_TEST_SEED=2.

fc.configureGlobal({ seed: Number(process.env['ASBB_TEST_SEED'] ?? 1) });
