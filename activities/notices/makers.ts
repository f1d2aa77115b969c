/** The maker of each kind of notice: whoever adds a kind adds its maker here. */
import { type BacklogNoticeDependencies, makeBacklogNotice } from './backlog.ts';
import { type DigestDependencies, makeDigest } from './digest.ts';
import { makeHoldNotice } from './hold.ts';
import type { Makers } from './maker.ts';
import { makeReport, type ReportDependencies } from './report.ts';
import { makeUndelivered } from './undelivered.ts';
import { makeWeek, type WeekDependencies } from './week.ts';

export type MakersDependencies = BacklogNoticeDependencies & DigestDependencies & WeekDependencies & ReportDependencies;

export function createMakers(o: MakersDependencies): Makers {
  return {
    hold: makeHoldNotice(o),
    backlog: makeBacklogNotice(o),
    undelivered: makeUndelivered(o),
    digest: makeDigest(o),
    week: makeWeek(o),
    report: makeReport(o),
  };
}
