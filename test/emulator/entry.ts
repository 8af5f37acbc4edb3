// What the links of an emulated cluster start when the tests run from the sources.
import { emulateMain } from '../../src/emulator/main.ts';

process.exitCode = await emulateMain(process.argv.slice(3));
