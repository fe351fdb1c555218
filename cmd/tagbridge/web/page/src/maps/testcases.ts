// Where the tests are run is the folder of the page.
import { resolve } from 'node:path';

/** The cases that the bridge's reader is tested with, too. */
export const casesFile = resolve('../../../../mapping/tagmap/testdata/csvcases.json');
