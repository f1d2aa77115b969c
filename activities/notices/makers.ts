/** The maker of each kind of notice: whoever adds a kind adds its maker here. */
import type { Database } from '../../prisma/database.ts';
import { makeHoldNotice } from './hold.ts';
import type { Makers } from './maker.ts';

export interface MakersDependencies {
  readonly database: Database;
  /** Where people reach the web. */
  readonly webUrl: () => string;
}

export function createMakers(o: MakersDependencies): Makers {
  return { hold: makeHoldNotice(o) };
}
