/** `dondoc bulk VERB`: one act on every open task that a filter finds; what would be touched, and who would hear of it, is seen first. */
import { randomUUID } from 'node:crypto';
import { refusalText } from '../config/refusal-text.ts';
import { email, type TaskCode } from '../domain/names.ts';
import { instantFromEpochMs } from '../domain/time.ts';
import { eachInFlight } from '../inbox/in-flight.ts';
import { createInbox } from '../inbox/inbox.ts';
import { createCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { type Flags, policyReference, requestOf } from './act.ts';
import { type Context, Usage, withEngine } from './context.ts';
import { previewMoves, spokenMove } from './policy-move.ts';

/** Acts that mean the same for many tasks. */
export const BULK_VERBS = ['nudge', 'amend', 'reassign'] as const;
export type BulkVerb = (typeof BULK_VERBS)[number];

export interface Filter {
  readonly inAgency?: string;
  readonly inGroup?: string;
  readonly ofAssignee?: string;
  readonly inStatus?: string;
  readonly underPolicy?: string;
  readonly overdue?: boolean;
  readonly all?: boolean;
}

interface Found {
  readonly code: string;
  readonly assignee: string;
}

/** @returns whether every act was taken: the exit status */
export async function bulk(
  context: Context,
  verb: BulkVerb,
  { as, key = randomUUID(), dryRun, ...given }: Filter & Flags & { readonly as: string; readonly key?: string; readonly dryRun?: boolean },
): Promise<boolean> {
  const actor = email.safeParse(as);
  if (!actor.success) throw new Usage(`--as ${as}: write an e-mail address`);
  return withEngine(context, async (database, temporal) => {
    const now = () => instantFromEpochMs(Date.now());
    const calendars = createCalendars({ database, now });
    const request = await requestOf(verb, given, { database, now: now(), calendar: (await calendars()).main, as });
    const found = await find(database, given, now());
    const recipients = [...new Set(found.map(({ assignee }) => assignee))].sort();
    const preview = { count: found.length, tasks: found.map(({ code }) => code), recipients };
    if (dryRun === true) {
      const total = `${found.length} tasks of ${recipients.length} people`;
      const to = request.type === 'AmendTask' ? request.changes.policy : undefined;
      if (to === undefined) context.print(preview, [...preview.tasks, total].join('\n'));
      else {
        const moves = await previewMoves(database, preview.tasks, to, now());
        context.print({ ...preview, moves }, [...moves.map(spokenMove), total].join('\n'));
      }
      return true;
    }
    const inbox = createInbox({ database, temporal, now, calendars, waitMs: 10_000 });
    const counts = { done: 0, stored: 0, not_stored: 0, refused: 0 };
    const refused: { code: string; refused: string; message: string }[] = [];
    await eachInFlight(found, async ({ code }) => {
      // The same bulk under the same key has one effect on each task, however often it is given.
      const submission = { key: `bulk:${key}:${code}`, code: code as TaskCode, actor: actor.data, via: 'cli' as const, request }; // a stored code
      const answer = await inbox.submit(submission);
      counts[answer.answer] += 1;
      if (answer.answer === 'refused') refused.push({ code, refused: answer.refusal.refused, message: refusalText('en', answer.refusal) });
    });
    refused.sort((a, b) => (a.code < b.code ? -1 : 1));
    const told = `${counts.done} done, ${counts.stored} stored, ${counts.refused} refused, ${counts.not_stored} not stored (--key ${key})`;
    context.print({ key, ...counts, refusals: refused }, [...refused.map(({ code, message }) => `${code}: ${message}`), told].join('\n'));
    return counts.refused + counts.not_stored === 0;
  });
}

async function find(database: Database, filter: Filter, now: string): Promise<Found[]> {
  const { inAgency, inGroup, ofAssignee, inStatus, underPolicy, overdue, all } = filter;
  const named = [inAgency, inGroup, ofAssignee, inStatus, underPolicy].some((each) => each !== undefined) || overdue === true;
  if (!named && all !== true)
    throw new Usage('say which tasks: --in-agency, --in-group, --of-assignee, --in-status, --under-policy, --overdue, or --all');
  const policy = underPolicy === undefined ? null : policyReference(underPolicy);
  return database.task.findMany({
    where: {
      status: inStatus ?? { in: ['assigned', 'acknowledged', 'reported'] },
      ...(inAgency === undefined ? {} : { leadAgency: inAgency }),
      ...(inGroup === undefined ? {} : { groupName: inGroup }),
      ...(ofAssignee === undefined ? {} : { assignee: ofAssignee.toLowerCase() }),
      ...(policy === null ? {} : { policyName: policy.name, ...(policy.version === null ? {} : { policyVersion: policy.version }) }),
      ...(overdue === true ? { deadlineAt: { lt: now } } : {}),
    },
    orderBy: { code: 'asc' },
    select: { code: true, assignee: true },
  });
}
