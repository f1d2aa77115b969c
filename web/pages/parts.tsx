/** Small pieces that several pages show the same way. */
import { formatDate, text } from '../../config/text.ts';
import type { Locale } from '../../domain/names.ts';
import type { Standing } from '../../domain/scoreboard.ts';
import { type IsoDate, type IsoInstant, localDate, PlainDate } from '../../domain/time.ts';
import type { ListedTask } from '../queries/tasks.ts';
import { type Here, href } from './layout.tsx';

/** From this many days on a deadline is near. */
const NEAR_DAYS = 3;

/** The clock and the reader's calendar, as pages need them. */
export interface Reading {
  readonly here: Here;
  readonly now: IsoInstant;
  readonly timeZone: string;
}

export function StandingChip({ locale, standing }: { locale: Locale; standing: Standing | null }) {
  return standing === null ? null : <span class={`chip ${standing}`}>{text(locale, `standing.${standing}`)}</span>;
}

/** The date, and for an open task the days left or overdue, coloured by urgency. */
export function Deadline({ reading, deadline, open, late }: { reading: Reading; deadline: IsoDate; open: boolean; late: boolean }) {
  const { here, now, timeZone } = reading;
  const days = PlainDate.from(localDate(now, timeZone)).until(PlainDate.from(deadline)).days;
  const said =
    days < 0
      ? text(here.locale, 'days.overdue', { days: -days })
      : late
        ? text(here.locale, 'days.overdue_today')
        : text(here.locale, 'days.left', { days });
  return (
    <span class="deadline">
      <time datetime={deadline}>{formatDate(here.locale, deadline)}</time>
      {open ? <small class={late ? 'late' : days <= NEAR_DAYS ? 'near' : ''}>{said}</small> : null}
    </span>
  );
}

/** @param o.compact without the standing, where the heading says it */
export function TaskTable({ reading, tasks, compact = false }: { reading: Reading; tasks: readonly ListedTask[]; compact?: boolean }) {
  const { here } = reading;
  const { locale } = here;
  if (tasks.length === 0) return <p class="quiet">{text(locale, 'web.none')}</p>;
  return (
    <table class="tasks">
      <thead>
        <tr>
          <th>{text(locale, 'web.task')}</th>
          <th>{text(locale, 'field.agency')}</th>
          <th>{text(locale, 'field.deadline')}</th>
          {compact ? null : <th>{text(locale, 'web.standing')}</th>}
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <tr>
            <td>
              <a href={href(here, `/tasks/${task.code}`)}>
                <span class="code">{task.code}</span> {task.title}
              </a>
            </td>
            <td>
              {task.agency}
              <small>{task.assignee}</small>
            </td>
            <td class="nowrap">
              <Deadline
                reading={reading}
                deadline={task.deadline}
                open={task.status !== 'completed' && task.status !== 'cancelled'}
                late={reading.now > task.deadlineAt}
              />
            </td>
            {compact ? null : (
              <td>
                <StandingChip locale={locale} standing={task.standing} />
                <small>{text(locale, `status.${task.status}`)}</small>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
