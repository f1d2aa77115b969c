/** One task: its facts, what comes next and to whom, what happened, and what became of every notification. */
import type { Child } from 'hono/jsx';
import { formatDate, formatInstant, type TextId, text } from '../../config/text.ts';
import type { Evidence } from '../../domain/command.ts';
import { HORIZON_DAYS } from '../../domain/plan.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant } from '../../domain/time.ts';
import { formatMoment, formatNumber } from '../format.ts';
import { reasonWords, whyWords } from '../notification-words.ts';
import type { EventRow, NotificationRow, TaskHeader, TaskPageData } from '../queries/task.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';
import { DeadlineNote, StandingChip } from './task-lines.tsx';

export function TaskPage({ view, data: { task, events, notifications, shortened } }: { view: View; data: TaskPageData }) {
  const { locale } = view;
  const planned = notifications.filter(({ status }) => status === 'planned' || status === 'claimed');
  const settled = notifications.filter(({ status }) => status !== 'planned' && status !== 'claimed');
  const heading = (
    <>
      <span class="code">{task.code}</span> {task.title}
    </>
  );
  return (
    <Layout view={view} title={`${task.code} · ${task.title}`} heading={heading}>
      <div class="columns">
        <Facts view={view} task={task} />
        <Next view={view} task={task} planned={planned} />
      </div>
      <section class="card">
        <h2>{text(locale, 'web.timeline')}</h2>
        <ol class="timeline">
          {events.map((event) => (
            <li class={event.type === 'DeadlinePassed' || event.type === 'EscalationRaised' ? 'warning' : undefined}>
              <p class="moment">
                <Moment view={view} at={event.at} />
                {event.via === null ? null : <span class="via">{text(locale, `web.via.${event.via}`)}</span>}
              </p>
              <p>{eventSentence(view, event)}</p>
              <EventDetail view={view} event={event} />
            </li>
          ))}
        </ol>
      </section>
      <section class="card">
        <h2 id="notifications">{text(locale, 'web.notifications')}</h2>
        {settled.length === 0 ? (
          <p class="muted">{text(locale, 'web.notifications.none')}</p>
        ) : (
          <Notifications view={view} rows={settled} />
        )}
        {shortened ? <p class="muted">{text(locale, 'web.shortened')}</p> : null}
      </section>
    </Layout>
  );
}

function Facts({ view, task }: { view: View; task: TaskHeader }) {
  const { locale } = view;
  return (
    <section class="card">
      <h2>{text(locale, 'web.facts')}</h2>
      <dl class="facts">
        <Fact view={view} label="field.status">
          {text(locale, `status.${task.status}`)}{' '}
          {task.standing === null || task.standing === 'completed' ? null : <StandingChip view={view} task={task} />}
        </Fact>
        <Fact view={view} label="field.deadline">
          {formatInstant(locale, task.deadlineAt, COMMITTEE_TIME_ZONE)} <DeadlineNote view={view} task={task} />
        </Fact>
        <Fact view={view} label="field.agency">
          {task.leadAgency}
        </Fact>
        <Fact view={view} label="web.field.coordinating">
          {task.coordinating.join(' · ')}
        </Fact>
        <Fact view={view} label="field.assignee">
          {task.assignee}
        </Fact>
        <Fact view={view} label="web.field.supervisor">
          {task.supervisor ?? ''}
        </Fact>
        <Fact view={view} label="web.field.coordinator">
          {task.coordinator}
        </Fact>
        <Fact view={view} label="web.field.transfer">
          {transferWords(view, task)}
        </Fact>
        <Fact view={view} label="web.field.escalation">
          {task.escalationLevel === 0 ? '' : text(locale, 'web.field.escalation.level', { level: task.escalationLevel })}
        </Fact>
        <Fact view={view} label="web.field.product">
          {task.product}
        </Fact>
        <Fact view={view} label="web.field.document">
          {task.document}
        </Fact>
        <Fact view={view} label="web.field.group">
          {task.groupName}
        </Fact>
        <Fact view={view} label="web.field.assigned_at">
          {formatMoment(locale, task.assignedAt)}
        </Fact>
        <Fact view={view} label="web.field.priority">
          {text(locale, `web.priority.${task.priority}`)}
        </Fact>
        <Fact view={view} label="web.field.policy">
          {`${task.policyName} v${task.policyVersion}`}
        </Fact>
      </dl>
    </section>
  );
}

/** A fact that is not there takes no room, but what every task should have is shown as missing. */
function Fact({ view, label, children }: { view: View; label: TextId; children?: Child }) {
  const missing = children === '' || children === null;
  if (missing && label !== 'web.field.product' && label !== 'web.field.supervisor') return null;
  return (
    <div>
      <dt>{text(view.locale, label)}</dt>
      <dd>{missing ? '–' : children}</dd>
    </div>
  );
}

function transferWords({ locale }: View, { transfer, transferBy, transferTo }: TaskHeader): Child {
  if (transfer === null) return null;
  const values = { agency: transferTo ?? '', by: transferBy ?? '' };
  return (
    <>
      {transfer.approved === null
        ? text(locale, 'web.transfer.requested', { ...values, at: formatMoment(locale, transfer.requestedAt) })
        : text(locale, 'web.transfer.approved', { ...values, at: formatMoment(locale, transfer.approved.at) })}
      <span class="said">{transfer.reason}</span>
    </>
  );
}

function Next({ view, task, planned }: { view: View; task: TaskHeader; planned: readonly NotificationRow[] }) {
  const { locale } = view;
  const ended = task.status === 'completed' || task.status === 'cancelled';
  return (
    <section class="card">
      <h2>{text(locale, 'web.next')}</h2>
      <p class={ended ? 'muted' : 'turn'}>{turnWords(view, task)}</p>
      {ended ? null : (
        <>
          <h3>{text(locale, 'web.next.told')}</h3>
          {planned.length === 0 ? (
            <p class="muted">{text(locale, 'web.next.none')}</p>
          ) : (
            <ol class="next">
              {planned.map((row) => (
                <li>
                  <p class="moment">
                    <Moment view={view} at={row.sendAt} />
                    <Channel view={view} row={row} />
                  </p>
                  <p>
                    {kindWords(view, row)} → {row.recipient}
                  </p>
                  {row.attempts === 0 ? null : <p class="muted">{fateWords(view, row)}</p>}
                  <p class="why">{reasonWords(locale, row.reason)}</p>
                </li>
              ))}
            </ol>
          )}
          <p class="muted">{text(locale, 'web.next.horizon', { days: HORIZON_DAYS })}</p>
        </>
      )}
    </section>
  );
}

/** Whose turn it is: an open transfer comes before the work itself. */
function turnWords({ locale }: View, task: TaskHeader): string {
  if (task.transfer !== null) {
    return task.transfer.approved === null
      ? text(locale, 'web.turn.transfer_requested', { person: task.coordinator })
      : text(locale, 'web.turn.transfer_approved', { person: task.transferTo ?? '' });
  }
  const person = task.status === 'reported' ? task.coordinator : task.assignee;
  return text(locale, `web.turn.${task.status}`, { person });
}

function eventSentence({ locale }: View, { type, told, by, agency, assignee }: EventRow): string {
  if (told === null) return text(locale, 'web.event.other', { name: type });
  return text(locale, `web.event.${told.type}`, {
    by: by ?? '',
    agency: agency ?? '',
    assignee: assignee ?? '',
    deadline: told.type === 'TaskAssigned' ? formatDate(locale, told.assignment.deadline) : '',
    level: told.type === 'EscalationRaised' ? told.level : 0,
  });
}

function EventDetail({ view, event: { told } }: { view: View; event: EventRow }) {
  if (told === null) return null;
  if (told.type === 'DoneReported') {
    return (
      <ul class="evidence">
        {told.evidence.map((item) => (
          <li>
            <EvidenceItem view={view} item={item} />
          </li>
        ))}
      </ul>
    );
  }
  const said = 'reason' in told ? told.reason : 'note' in told ? told.note : 'text' in told ? told.text : '';
  return said === '' ? null : <blockquote>{said}</blockquote>;
}

function EvidenceItem({ view, item }: { view: View; item: Evidence }) {
  switch (item.type) {
    case 'text':
      return item.text;
    case 'link':
      return (
        <a href={item.url} rel="noopener noreferrer nofollow" target="_blank">
          {item.url}
        </a>
      );
    case 'file': {
      const size = formatNumber(view.locale, Math.max(1, Math.round(item.bytes / 1_000)));
      return text(view.locale, 'web.evidence.file', { name: item.name, size });
    }
  }
}

function Notifications({ view, rows }: { view: View; rows: readonly NotificationRow[] }) {
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
            <td class={`fate ${row.status}`}>{fateWords(view, row)}</td>
            <td class="why">{reasonWords(locale, row.reason)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function fateWords({ locale }: View, { status, sentAt, error, attempts }: NotificationRow): string {
  const why = whyWords(locale, error);
  const at = sentAt === null ? '' : formatMoment(locale, sentAt);
  switch (status) {
    case 'planned':
      return attempts === 0 ? text(locale, 'web.fate.planned') : text(locale, 'web.fate.retry', { attempts, why });
    case 'claimed':
    case 'sending':
      return text(locale, 'web.fate.sending');
    case 'sent':
      return text(locale, 'web.fate.sent', { at });
    case 'merged':
      return text(locale, 'web.fate.merged', { at });
    case 'uncertain':
      return text(locale, 'web.fate.uncertain', { why });
    case 'failed':
      return text(locale, 'web.fate.failed', { why });
    case 'cancelled':
      return text(locale, 'web.fate.cancelled', { why });
  }
}

function kindWords({ locale }: View, { kind }: NotificationRow): string {
  return kind === null ? '–' : text(locale, `kind.${kind}`);
}

function Channel({ view, row: { channel } }: { view: View; row: NotificationRow }) {
  return channel === null ? null : <span class="via">{text(view.locale, `web.via.${channel}`)}</span>;
}

function Moment({ view, at }: { view: View; at: IsoInstant }) {
  return <time datetime={at}>{formatMoment(view.locale, at)}</time>;
}
