/** One task: its facts, what comes next and to whom, where its time went, what happened, and what became of every notification. */
import { heldText } from '../../config/hold-text.ts';
import { fateWords, reasonWords } from '../../config/notification-words.ts';
import { type TextId, text } from '../../config/text.ts';
import { heldBy } from '../../domain/hold.ts';
import { type HolderRole, holderOf } from '../../domain/holding.ts';
import { HORIZON_DAYS } from '../../domain/plan.ts';
import { isOpen, type OpenTask } from '../../domain/task.ts';
import type { NotificationRow, TaskPageData } from '../queries/task.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';
import { Moment } from './moment.tsx';
import { Facts } from './task-facts.tsx';
import { Holders, holderName } from './task-holders.tsx';
import { RelatedTasks } from './task-relations.tsx';
import { Timeline } from './task-timeline.tsx';

export function TaskPage({ view, data }: { view: View; data: TaskPageData }) {
  const { locale } = view;
  const { task, notifications, shortened } = data;
  const planned = notifications.filter(({ status }) => status === 'planned' || status === 'claimed');
  const settled = notifications.filter(({ status }) => status !== 'planned' && status !== 'claimed');
  const heading = (
    <>
      <span class="code">{task.code}</span> {task.title}
    </>
  );
  return (
    <Layout view={view} title={`${task.code} · ${task.title}`} heading={heading}>
      <p class={isOpen(task) ? 'turn' : 'muted'}>{turnWords(view, data)}</p>
      <div class="columns">
        <div>
          <Facts view={view} data={data} />
          {isOpen(task) ? <Holders view={view} data={data} /> : null}
        </div>
        {isOpen(task) ? <Next view={view} data={data} planned={planned} /> : <Holders view={view} data={data} />}
      </div>
      <RelatedTasks view={view} data={data} />
      <Timeline view={view} data={data} />
      <section class="card">
        <h2 id="notifications">{text(locale, 'web.notifications')}</h2>
        {settled.length === 0 ? (
          <p class="muted">{text(locale, 'web.notifications.none')}</p>
        ) : (
          <Notifications view={view} data={data} rows={settled} />
        )}
        {shortened ? <p class="muted">{text(locale, 'web.shortened')}</p> : null}
      </section>
    </Layout>
  );
}

/** Of what is planned, the nearest; the rest is one press away. */
const NEXT_SHOWN = 8;

function Next({ view, data, planned }: { view: View; data: TaskPageData; planned: readonly NotificationRow[] }) {
  const { locale } = view;
  return (
    <section class="card">
      <h2>{text(locale, 'web.next')}</h2>
      <h3>{text(locale, 'web.next.told')}</h3>
      {planned.length === 0 ? (
        <p class="muted">{text(locale, 'web.next.none')}</p>
      ) : (
        <Planned view={view} data={data} rows={planned.slice(0, NEXT_SHOWN)} />
      )}
      {planned.length <= NEXT_SHOWN ? null : (
        <details>
          <summary>{text(locale, 'web.next.more', { count: planned.length - NEXT_SHOWN })}</summary>
          <Planned view={view} data={data} rows={planned.slice(NEXT_SHOWN)} />
        </details>
      )}
      <p class="muted">{text(locale, 'web.next.horizon', { days: HORIZON_DAYS })}</p>
    </section>
  );
}

function Planned({ view, data, rows }: { view: View; data: TaskPageData; rows: readonly NotificationRow[] }) {
  return (
    <ol class="next">
      {rows.map((row) => (
        <li>
          <p class="moment">
            <Moment view={view} at={row.sendAt} />
            <Channel view={view} row={row} />
          </p>
          <p>
            {kindWords(view, row)} → {row.recipient}
          </p>
          {row.attempts === 0 && row.error === null ? null : <p class="muted">{fateWords(view.locale, row)}</p>}
          <HeldWords view={view} data={data} row={row} />
          <p class="why">{reasonWords(view.locale, row.reason, data.names.person)}</p>
        </li>
      ))}
    </ol>
  );
}

/** That a hold keeps it back, until when and why. */
function HeldWords({ view: { locale, now }, data, row }: { view: View; data: TaskPageData; row: NotificationRow }) {
  const hold = heldBy(data.holds, { ...row, channel: row.channel ?? '' }, now);
  return hold === undefined || row.sendAt >= hold.until ? null : <p class="fate uncertain">{heldText(locale, hold)}</p>;
}

const TURNS: Readonly<Record<Exclude<HolderRole, 'assignee'>, TextId>> = {
  verifier: 'web.turn.reported',
  transfer_decider: 'web.turn.transfer_requested',
  transfer_receiver: 'web.turn.transfer_approved',
  extension_decider: 'web.turn.extension',
  obstacle_owner: 'web.turn.obstacle',
  question_owner: 'web.turn.question',
  contributor: 'web.turn.contribution',
};

/** Whose turn it is, by the rule that the time by holder is counted with. */
function turnWords({ locale, now }: View, data: TaskPageData): string {
  const { task } = data;
  if (task.status === 'completed' || task.status === 'cancelled') return text(locale, `web.turn.${task.status}`);
  const holder = holderOf(task, now);
  const { role } = holder;
  return text(locale, role === 'assignee' ? turnOfAssignee(task) : TURNS[role], { person: holderName(holder, data) });
}

function turnOfAssignee({ status }: OpenTask): TextId {
  return `web.turn.${status}`;
}

function Notifications({ view, data, rows }: { view: View; data: TaskPageData; rows: readonly NotificationRow[] }) {
  const { locale } = view;
  return (
    <table class="notifications" aria-labelledby="notifications">
      <thead>
        <tr>
          <th>{text(locale, 'web.when')}</th>
          <th>{text(locale, 'web.notifications.kind')}</th>
          <th>{text(locale, 'web.notifications.recipient')}</th>
          <th>{text(locale, 'web.notifications.channel')}</th>
          <th>{text(locale, 'web.notifications.fate')}</th>
          <th>{text(locale, 'web.notifications.why')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="moment">
              <Moment view={view} at={row.sendAt} />
            </td>
            <td>{kindWords(view, row)}</td>
            <td>{row.recipient}</td>
            <td>
              <Channel view={view} row={row} />
            </td>
            <td class={`fate ${row.status}`}>{fateWords(locale, row)}</td>
            <td class="why">{reasonWords(locale, row.reason, data.names.person)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function kindWords({ locale }: View, { kind }: NotificationRow): string {
  return kind === null ? '–' : text(locale, `kind.${kind}`);
}

function Channel({ view, row: { channel } }: { view: View; row: NotificationRow }) {
  return channel === null ? null : <span class="via">{text(view.locale, `web.via.${channel}`)}</span>;
}
