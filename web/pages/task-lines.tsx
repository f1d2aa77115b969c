/** Tasks one under the other, the same on the scoreboard and in the list. */
import { formatDate, text } from '../../config/text.ts';
import type { RiskLevel, Status } from '../../domain/names.ts';
import type { Standing } from '../../domain/scoreboard.ts';
import type { Risk } from '../../prisma/risk.ts';
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

/** A level, with its share where it was computed: what a person said has none. */
export function RiskChip({ view: { locale }, level, score }: { view: View; level: RiskLevel; score: number | null }) {
  const word = text(locale, `risk.level.${level}`);
  const words =
    score === null
      ? text(locale, 'web.risk.by_hand', { level: word })
      : text(locale, 'web.risk.note', { level: word, percent: Math.round(score * 100) });
  return <span class={`chip risk-${level}`}>{words}</span>;
}

interface TaskLinesProps {
  readonly view: View;
  readonly lines: readonly TaskLine[];
  /** Absent where the list says nothing of risk. */
  readonly risks?: ReadonlyMap<string, Risk>;
  readonly labelled: string;
}

export function TaskLines({ view, lines, risks, labelled }: TaskLinesProps) {
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
          {risks === undefined ? null : <th class="risk">{text(locale, 'web.field.risk')}</th>}
        </tr>
      </thead>
      <tbody>
        {lines.map((task) => (
          <tr>
            <td class="code">
              <a href={taskHref(view, task.code)}>{task.code}</a>
            </td>
            {task.restricted ? <RestrictedCell view={view} columns={risks === undefined ? 5 : 6} /> : <OpenCells view={view} task={task} />}
            {task.restricted || risks === undefined ? null : <RiskCell view={view} risk={risks.get(task.code)} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RiskCell({ view, risk }: { view: View; risk: Risk | undefined }) {
  const { computed = null, reported = null } = risk ?? {};
  return (
    <td class="risk">
      {computed === null ? null : <RiskChip view={view} level={computed.level} score={computed.score} />}{' '}
      {reported === null ? null : <RiskChip view={view} level={reported.level} score={null} />}
    </td>
  );
}

function RestrictedCell({ view, columns }: { view: View; columns: number }) {
  return (
    <td class="title muted" colspan={columns}>
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
