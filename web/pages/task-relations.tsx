/** A task among others: what it is a part of, its parts as a tree, what it waits for and what waits for it. */
import type { Child } from 'hono/jsx';
import { formatDate, type TextId, text } from '../../config/text.ts';
import type { DeadlineFacts } from '../format.ts';
import type { Neighbour, Part } from '../queries/relations.ts';
import type { TaskPageData } from '../queries/task.ts';
import type { TaskLine } from '../queries/task-line.ts';
import { taskHref, type View } from '../view.ts';
import { DeadlineNote, StandingChip } from './task-lines.tsx';

export function RelatedTasks({ view, data }: { view: View; data: TaskPageData }) {
  const { task, relations } = data;
  const { parts, neighbours } = relations;
  const related = (relation: Neighbour['relation']) => neighbours.filter((each) => each.relation === relation);
  if (task.parent === null && parts.length === 0 && neighbours.length === 0) return null;
  return (
    <section class="card">
      <h2>{text(view.locale, 'web.relations')}</h2>
      <dl class="facts relations">
        {task.parent === null ? null : (
          <Relation view={view} label="field.parent">
            <ul class="tree">
              {related('parent').map((parent) => (
                <li>
                  <Link view={view} line={parent} mandatory={task.parent?.mandatory ?? false} />
                </li>
              ))}
              {/* Named before it is stored: an import may bring the parts first. */}
              {related('parent').length === 0 ? <li>{task.parent.code}</li> : null}
            </ul>
          </Relation>
        )}
        {parts.length === 0 ? null : (
          <Relation view={view} label="field.parts">
            <Tree view={view} parts={Map.groupBy(parts, ({ parentCode }) => parentCode)} under={task.code} />
          </Relation>
        )}
        <Links view={view} label="field.depends_on" lines={related('depends_on')} />
        <Links view={view} label="web.field.waited_for" lines={related('waited_for')} />
      </dl>
    </section>
  );
}

function Relation({ view, label, children }: { view: View; label: TextId; children?: Child }) {
  return (
    <div>
      <dt>{text(view.locale, label)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Links({ view, label, lines }: { view: View; label: TextId; lines: readonly TaskLine[] }) {
  return lines.length === 0 ? null : (
    <Relation view={view} label={label}>
      <ul class="tree">
        {lines.map((line) => (
          <li>
            <Link view={view} line={line} />
          </li>
        ))}
      </ul>
    </Relation>
  );
}

/** Ends because the query stops at a depth and where a circle closes. */
function Tree({ view, parts, under }: { view: View; parts: ReadonlyMap<string, readonly Part[]>; under: string }) {
  const own = parts.get(under) ?? [];
  return own.length === 0 ? null : (
    <ul class="tree">
      {own.map((part) => (
        <li>
          <Link view={view} line={part} mandatory={part.mandatory} />
          <Tree view={view} parts={parts} under={part.code} />
        </li>
      ))}
    </ul>
  );
}

function Link({ view, line, mandatory = false }: { view: View; line: TaskLine; mandatory?: boolean }) {
  const { locale } = view;
  return (
    <p class="link">
      <a href={taskHref(view, line.code)}>{line.code}</a>{' '}
      {line.restricted ? (
        <span class="muted">{text(locale, 'secret.title')}</span>
      ) : (
        <>
          {line.title} <StandingChip view={view} task={line} />{' '}
          <span class="muted">
            {isOpen(line) ? `${text(locale, `status.${line.status}`)} · ` : ''}
            <time datetime={line.deadlineAt}>{formatDate(locale, line.deadline)}</time>
          </span>{' '}
          <DeadlineNote view={view} task={line} />
        </>
      )}{' '}
      {mandatory ? <span class="priority">{text(locale, 'web.part.mandatory')}</span> : null}
    </p>
  );
}

/** Of what has ended the chip says the status already. */
function isOpen({ completedAt, cancelledAt }: DeadlineFacts): boolean {
  return completedAt === null && cancelledAt === null;
}
