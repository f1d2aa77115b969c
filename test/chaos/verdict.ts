/** Compares what arrived with what the ledger says, and what was handed in with what was recorded. Pure. */

export interface LedgerRow {
  readonly id: string;
  readonly key: string;
  readonly channel: string;
  readonly status: string;
  readonly error: string | null;
  /** The message that carried it last. */
  readonly messageId: string | null;
  /** Whether it should have gone by now. */
  readonly isDue: boolean;
}

export interface Arrivals {
  readonly ledger: readonly LedgerRow[];
  /** Every message that a notification was ever to go with, also those that the ledger has forgotten since. */
  readonly carried: readonly { readonly messageId: string; readonly notification: string }[];
  /** Of each message that Slack has of us, the id in its `block_id`. */
  readonly posts: readonly string[];
  /** Of each mail that came, its Message-ID. */
  readonly mails: readonly string[];
  /** Of each message that the gateway took, its id. */
  readonly hooks: readonly string[];
  /** The Message-ID of a mail that begins with the notification of this key. */
  readonly mailIdOf: (key: string) => string;
}

export interface Handed {
  readonly key: string;
  readonly commandId: string;
  /** What the inbox said, each time that the same act was handed in; `not_stored` apart. */
  readonly answers: readonly { readonly answer: 'done' | 'refused' | 'stored'; readonly seq?: number }[];
}

/** What a press does, once however often it is pressed. */
export type Done = 'TaskAcknowledged' | 'ExtensionGranted';

export interface Records {
  readonly handed: readonly Handed[];
  readonly commands: readonly { readonly id: string; readonly key: string; readonly status: string }[];
  readonly events: readonly { readonly commandId: string | null; readonly taskCode: string; readonly type: string; readonly seq: number }[];
  /** Tasks that were assigned, and what buttons on their cards were pressed until they had done. */
  readonly tasks: readonly { readonly code: string; readonly pressed: readonly Done[] }[];
}

/** `wrong`: neither lost nor twice, and not as it should be. */
export interface Difference {
  readonly verdict: 'lost' | 'twice' | 'wrong';
  readonly what: string;
  readonly why: string;
}

const TOLD = new Set(['sent', 'merged']);
/** What should be over when nothing goes wrong any more. */
const UNDER_WAY = new Set(['planned', 'claimed', 'sending']);

/** Every notification reached its reader exactly once, or did not apply any more, or is shown as uncertain with the reason. */
export function compareArrivals({ ledger, carried, posts, mails, hooks, mailIdOf }: Arrivals): Difference[] {
  const postsOf = counted(posts);
  const mailsOf = counted(mails);
  const hooksOf = counted(hooks);
  const carriers = Map.groupBy(carried, ({ notification }) => notification);
  const known = new Set(carried.map(({ messageId }) => messageId));
  const mailIds = new Set(ledger.filter(({ channel }) => channel === 'email').map(({ key }) => mailIdOf(key)));
  // A mail names only the first of those that it tells: the whole message is counted.
  const together = Map.groupBy(ledger, ({ id, messageId }) => messageId ?? id);
  const byCarrier = (id: string, those: ReadonlyMap<string, number>) =>
    sum((carriers.get(id) ?? []).map(({ messageId }) => those.get(messageId) ?? 0));
  const arrivedOf = (row: LedgerRow): number =>
    row.channel === 'email'
      ? sum((together.get(row.messageId ?? row.id) ?? []).map(({ key }) => mailsOf.get(mailIdOf(key)) ?? 0))
      : byCarrier(row.id, row.channel === 'slack' ? postsOf : hooksOf);
  return [
    ...ledger.flatMap((row) => judge(row, arrivedOf(row))),
    ...[...[...postsOf.keys()].map((id) => ['post', id] as const), ...[...hooksOf.keys()].map((id) => ['webhook', id] as const)]
      .filter(([, id]) => !known.has(id))
      .map(([what, id]): Difference => ({ verdict: 'wrong', what: `${what} ${id}`, why: 'the ledger knows no such message' })),
    ...[...mailsOf.keys()]
      .filter((id) => !mailIds.has(id))
      .map((id): Difference => ({ verdict: 'wrong', what: `mail ${id}`, why: 'the ledger knows no such mail' })),
  ];
}

function judge({ key, channel, status, error, isDue }: LedgerRow, arrived: number): Difference[] {
  const what = `${channel} ${key}`;
  const said = error === null ? status : `${status}: ${error}`;
  if (arrived > 1) return [{ verdict: 'twice', what, why: `arrived ${arrived} times (${said})` }];
  if (TOLD.has(status)) return arrived === 1 ? [] : [{ verdict: 'lost', what, why: `did not arrive (${said})` }];
  if (status === 'uncertain') return error === null ? [{ verdict: 'wrong', what, why: 'uncertain without a reason' }] : [];
  if (arrived === 1) return [{ verdict: 'wrong', what, why: `arrived, and the ledger says ${said}` }];
  if (status === 'failed' || (UNDER_WAY.has(status) && isDue)) return [{ verdict: 'lost', what, why: `was not sent (${said})` }];
  return [];
}

/** Every act has one effect, and everybody who handed it in heard the same of it. */
export function compareRecords({ handed, commands, events, tasks }: Records): Difference[] {
  const eventsOf = Map.groupBy(events, ({ commandId }) => commandId);
  const ofTask = Map.groupBy(events, ({ taskCode }) => taskCode);
  const rows = new Map(commands.map((row) => [row.id, row]));
  return [
    ...handed.flatMap(({ key, commandId, answers }): Difference[] => {
      const row = rows.get(commandId);
      const seqs = new Set(answers.flatMap(({ answer, seq }) => (answer === 'done' ? [seq] : [])));
      const refused = answers.some(({ answer }) => answer === 'refused');
      return [
        ...(row === undefined && answers.some(({ answer }) => answer !== 'refused')
          ? [{ verdict: 'lost', what: key, why: 'was taken and is not stored' } as const]
          : []),
        ...(seqs.size > 0 && row?.status !== 'done'
          ? [{ verdict: 'lost', what: key, why: `was said to be done and is ${row?.status}` } as const]
          : []),
        ...(seqs.size > 1 || (seqs.size > 0 && refused)
          ? [{ verdict: 'wrong', what: key, why: `was answered differently: ${JSON.stringify(answers)}` } as const]
          : []),
      ];
    }),
    ...commands.flatMap(({ id, key, status }): Difference[] => {
      const types = (eventsOf.get(id) ?? []).map(({ type }) => type);
      if (status === 'stored') return [{ verdict: 'lost', what: key, why: 'waits still' }];
      if (new Set(types).size < types.length) return [{ verdict: 'twice', what: key, why: types.join(', ') }];
      if (status === 'done' && types.length === 0) return [{ verdict: 'lost', what: key, why: 'is done and nothing is recorded' }];
      return status === 'refused' && types.length > 0
        ? [{ verdict: 'wrong', what: key, why: `is refused and recorded: ${types.join(', ')}` }]
        : [];
    }),
    ...tasks.flatMap(({ code, pressed }): Difference[] => {
      const types = (ofTask.get(code) ?? []).map(({ type }) => type);
      const once = (type: string, wanted: number): Difference[] => {
        const count = types.filter((each) => each === type).length;
        if (count > Math.max(wanted, 1)) return [{ verdict: 'twice', what: code, why: `${type} ${count} times` }];
        return count < wanted ? [{ verdict: 'lost', what: code, why: `no ${type}` }] : [];
      };
      const wanted = (type: Done) => once(type, pressed.includes(type) ? 1 : 0);
      return [...once('TaskAssigned', 1), ...wanted('TaskAcknowledged'), ...wanted('ExtensionGranted')];
    }),
  ];
}

function counted(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
