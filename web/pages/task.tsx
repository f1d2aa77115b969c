/** One task: its facts, what has happened, who was told, and what comes next. */
import type { Child } from 'hono/jsx';
import { formatDate, formatInstant, text } from '../../config/text.ts';
import type { Evidence } from '../../domain/command.ts';
import { standing } from '../../domain/scoreboard.ts';
import { isOpen, type TaskEvent } from '../../domain/task.ts';
import type { NotificationRow, TaskPage } from '../queries/task.ts';
import { Page } from './layout.tsx';
import { Deadline, type Reading, StandingChip } from './parts.tsx';

export function TaskView({ reading, page }: { reading: Reading; page: TaskPage }) {
  const { here, now, timeZone } = reading;
  const { locale } = here;
  const { task, personName, agencyName } = page;
  const planned = page.notifications.filter(({ status }) => status === 'planned' || status === 'claimed');
  const past = page.notifications.filter(({ status }) => status !== 'planned' && status !== 'claimed');
  const at = standing(
    {
      regular: task.regular,
      assignedAt: task.assignedAt,
      deadlineAt: task.deadlineAt,
      completedAt: task.status === 'completed' ? task.completedAt : null,
      cancelledAt: task.status === 'cancelled' ? task.cancelledAt : null,
    },
    now,
  );
  const when = (instant: Parameters<typeof formatInstant>[1]) => formatInstant(locale, instant, timeZone);
  return (
    <Page here={here} title={`${task.code} · ${task.title}`}>
      <div class="heading">
        <p class="code">{task.code}</p>
        <h1>{task.title}</h1>
        <p>
          <StandingChip locale={locale} standing={at} /> <span class="chip status">{text(locale, `status.${task.status}`)}</span>
        </p>
      </div>
      <section class="panel">
        <dl class="facts">
          <Fact name={text(locale, 'field.deadline')}>
            <Deadline reading={reading} deadline={task.deadline} open={isOpen(task)} late={now > task.deadlineAt} />
          </Fact>
          <Fact name={text(locale, 'field.agency')}>{agencyName(task.leadAgency)}</Fact>
          <Fact name={text(locale, 'field.assignee')}>{personName(task.assignee)}</Fact>
          <Fact name={text(locale, 'field.supervisor')}>{task.supervisor === null ? '' : personName(task.supervisor)}</Fact>
          <Fact name={text(locale, 'field.coordinator')}>{personName(task.coordinator)}</Fact>
          <Fact name={text(locale, 'field.coordinating')}>{task.coordinatingAgencies.map(agencyName).join(', ')}</Fact>
          <Fact name={text(locale, 'field.product')}>{task.product}</Fact>
          <Fact name={text(locale, 'field.document')}>{task.document}</Fact>
          <Fact name={text(locale, 'field.priority')}>{text(locale, `priority.${task.priority}`)}</Fact>
          <Fact name={text(locale, 'field.policy')}>{`${task.policy.name} v${task.policy.version}`}</Fact>
        </dl>
        {task.transfer === null ? null : (
          <p class="note">
            {text(locale, task.transfer.approved === null ? 'note.transfer_requested' : 'note.transfer_approved', {
              by: personName(task.transfer.requestedBy),
              agency: agencyName(task.transfer.toAgency),
              reason: task.transfer.reason,
            })}
          </p>
        )}
      </section>
      <div class="columns">
        <section class="panel">
          <h2>{text(locale, 'web.timeline')}</h2>
          <ol class="timeline">
            {page.events.toReversed().map((event) => (
              <li>
                <p>
                  <strong>{text(locale, `event.${event.type}`)}</strong>
                  <small>{when(event.at)}</small>
                </p>
                <Detail locale={locale} event={event} page={page} />
                <small>
                  {event.by === null
                    ? text(locale, `entrance.${event.via}`)
                    : text(locale, 'web.via', { by: personName(event.by), via: text(locale, `entrance.${event.via}`) })}
                </small>
              </li>
            ))}
          </ol>
        </section>
        <div>
          <section class="panel">
            <h2>{text(locale, 'web.what_next')}</h2>
            {planned.length === 0 ? (
              <p class="quiet">{text(locale, 'web.nothing_next')}</p>
            ) : (
              <Notifications reading={reading} rows={planned} />
            )}
          </section>
          <section class="panel">
            <h2>{text(locale, 'web.notifications')}</h2>
            {past.length === 0 ? <p class="quiet">—</p> : <Notifications reading={reading} rows={past.toReversed()} />}
          </section>
        </div>
      </div>
    </Page>
  );
}

function Fact({ name, children }: { name: string; children: Child }) {
  if (children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Notifications({ reading: { here, timeZone }, rows }: { reading: Reading; rows: readonly NotificationRow[] }) {
  const { locale } = here;
  const fate = ({ status, sendAt, sentAt, error }: NotificationRow) =>
    text(locale, `fate.${status}`, { at: formatInstant(locale, sentAt ?? sendAt, timeZone), why: error ?? '' });
  return (
    <ul class="notifications">
      {rows.map((row) => (
        <li class={row.status}>
          <p>
            <strong>{row.recipient}</strong> {text(locale, `kind.${row.kind}`)}{' '}
            <small>({text(locale, `channel.${row.channel === 'slack' ? 'slack' : 'email'}`)})</small>
          </p>
          <small title={row.reason}>{fate(row)}</small>
        </li>
      ))}
    </ul>
  );
}

/** What an event says beyond its name: reasons, agencies, evidence; in words, never as data. */
function Detail({ locale, event, page }: { locale: Parameters<typeof text>[0]; event: TaskEvent; page: TaskPage }) {
  switch (event.type) {
    case 'DoneReported':
      return (
        <ul class="evidence">
          {event.evidence.map((item) => (
            <li>
              <EvidenceItem item={item} />
            </li>
          ))}
        </ul>
      );
    case 'CommentAdded':
      return <p class="said">{event.text}</p>;
    case 'TaskReturned':
    case 'TransferRefused':
    case 'TransferDeclined':
    case 'TaskCancelled':
      return <p class="said">{event.reason}</p>;
    case 'TransferRequested':
    case 'TransferApproved':
      return <p class="said">{`→ ${page.agencyName(event.toAgency)}${event.reason === '' ? '' : `: ${event.reason}`}`}</p>;
    case 'TransferAccepted':
      return <p class="said">{`${page.agencyName(event.agency)}, ${page.personName(event.assignee)}`}</p>;
    case 'TaskAssigned':
      return <p class="said">{page.personName(event.assignment.assignee)}</p>;
    case 'TaskVerified':
      return event.note === '' ? null : <p class="said">{event.note}</p>;
    case 'TaskAmended':
      return event.changes.deadline === undefined ? null : (
        <p class="said">{`${text(locale, 'field.deadline')}: ${formatDate(locale, event.changes.deadline)}`}</p>
      );
    case 'TaskAcknowledged':
    case 'DeadlinePassed':
    case 'EscalationRaised':
      return null;
  }
}

function EvidenceItem({ item }: { item: Evidence }) {
  if (item.type === 'text') return <span>{item.text}</span>;
  if (item.type === 'file') return <span>{`${item.name} (${Math.ceil(item.bytes / 1024)} KB)`}</span>;
  return (
    <a href={item.url} rel="noopener noreferrer nofollow">
      {item.url}
    </a>
  );
}
