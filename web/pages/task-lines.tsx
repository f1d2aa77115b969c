/** Tasks one under the other, the same on the scoreboard and in the list. */
import { formatDate, text } from '../../config/text.ts';
import type { Status } from '../../domain/names.ts';
import type { Standing } from '../../domain/scoreboard.ts';
import { type DeadlineFacts, deadlineWords } from '../format.ts';
import type { TaskLine } from '../queries/task-line.ts';
import { taskHref, type View } from '../view.ts';

/** The standing in a word; of a task that counts as nothing (cancelled), its status. */
export function StandingChip({ view, task }: { view: View; task: { standing: Standing | null; status: Status } }) {
  const { standing, status } = task;
  return (
    <span class={`chip ${standing ?? 'uncounted'}`}>
      {standing === null ? text(view.locale, `status.${status}`) : text(view.locale, `standing.${standing}`)}
    </span>
  );
}

export function DeadlineNote({ view, task }: { view: View; task: DeadlineFacts }) {
  const { words, tone } = deadlineWords(view.locale, task, view.now);
  return <span class={`note ${tone}`}>{words}</span>;
}

export function TaskLines({ view, lines, labelled }: { view: View; lines: readonly TaskLine[]; labelled: string }) {
  const { locale } = view;
  return (
    <table class="lines" aria-labelledby={labelled}>
      <thead>
        <tr>
          <th class="code">{text(locale, 'web.field.code')}</th>
          <th>{text(locale, 'web.field.task')}</th>
          <th class="agency">{text(locale, 'field.agency')}</th>
          <th class="person">{text(locale, 'field.assignee')}</th>
          <th class="deadline">{text(locale, 'field.deadline')}</th>
          <th class="standing">{text(locale, 'web.field.standing')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((task) => (
          <tr>
            <td class="code">
              <a href={taskHref(view, task.code)}>{task.code}</a>
            </td>
            {task.restricted ? <RestrictedCell view={view} /> : <OpenCells view={view} task={task} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RestrictedCell({ view }: { view: View }) {
  return (
    <td class="title muted" colspan={5}>
      {text(view.locale, 'secret.title')}
    </td>
  );
}

function OpenCells({ view, task }: { view: View; task: Extract<TaskLine, { restricted: false }> }) {
  const { locale } = view;
  return (
    <>
      <td class="title">
        {task.title} {task.priority === 'high' ? <span class="priority">{text(locale, 'web.priority.high.note')}</span> : null}
      </td>
      <td class="agency">{task.agencyName}</td>
      <td class="person">{task.assigneeName}</td>
      <td class="deadline">
        <time datetime={task.deadlineAt}>{formatDate(locale, task.deadline)}</time> <DeadlineNote view={view} task={task} />
      </td>
      <td class="standing">
        <StandingChip view={view} task={task} />
      </td>
    </>
  );
}
