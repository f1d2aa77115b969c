/** The list of tasks with its filters; the address holds them all, so that a list can be sent to someone. */
import { clip, text } from '../../config/text.ts';
import { RISK_LEVELS, STATUSES } from '../../domain/names.ts';
import { type BadFilter, FILTER_NAMES, type FilterName, STANDING_CHOICES } from '../filters.ts';
import type { AgencyChoice, TaskList } from '../queries/tasks.ts';
import { href, type Query, type View } from '../view.ts';
import { Layout } from './layout.tsx';
import { TaskLines } from './task-lines.tsx';

const LABELS = {
  standing: 'web.field.standing',
  status: 'field.status',
  agency: 'field.agency',
  risk: 'web.field.risk',
  assignee: 'field.assignee',
  q: 'web.field.q',
  due_before: 'web.field.due_before',
  missing_evidence: 'field.evidence',
  page: 'web.field.page',
} as const satisfies Record<FilterName, string>;

export interface TasksPageProps {
  readonly view: View;
  readonly agencies: readonly AgencyChoice[];
  /** Filters that mean nothing; then there is no list. */
  readonly bad: readonly BadFilter[];
  readonly list: TaskList | null;
}

export function TasksPage({ view, agencies, bad, list }: TasksPageProps) {
  const { locale } = view;
  return (
    <Layout view={view} title={text(locale, 'web.tasks')}>
      <Filters view={view} agencies={agencies} bad={bad} />
      {bad.length === 0 ? null : (
        <div class="card problem" role="alert">
          {bad.map(({ name, value }) => (
            <p>
              {text(locale, name === 'due_before' ? 'web.filter.bad.date' : 'web.filter.bad', {
                value: clip(value, 80),
                field: text(locale, LABELS[name]),
              })}
            </p>
          ))}
          <p>{text(locale, 'web.filter.mend')}</p>
        </div>
      )}
      {list === null ? null : <List view={view} list={list} />}
    </Layout>
  );
}

function Filters({ view, agencies, bad }: { view: View; agencies: readonly AgencyChoice[]; bad: readonly BadFilter[] }) {
  const { locale, query } = view;
  const invalid = (name: FilterName) => (bad.some((filter) => filter.name === name) ? 'true' : undefined);
  return (
    <form class="card filters" method="get" action="/tasks">
      {query.lang === undefined ? null : <input type="hidden" name="lang" value={query.lang} />}
      <label class="wide">
        <span>{text(locale, LABELS.q)}</span>
        <input type="search" name="q" value={query.q ?? ''} maxlength={200} aria-invalid={invalid('q')} />
      </label>
      <Choice
        name="standing"
        view={view}
        choices={STANDING_CHOICES.map((standing) => ({ value: standing, label: text(locale, `standing.${standing}`) }))}
      />
      <Choice name="status" view={view} choices={STATUSES.map((status) => ({ value: status, label: text(locale, `status.${status}`) }))} />
      <Choice
        name="risk"
        view={view}
        choices={RISK_LEVELS.toReversed().map((level) => ({ value: level, label: text(locale, `risk.level.${level}`) }))}
      />
      <Choice name="agency" wide view={view} choices={agencies.map(({ code, name }) => ({ value: code, label: name }))} />
      <label>
        <span>{text(locale, LABELS.assignee)}</span>
        <input type="search" name="assignee" value={query.assignee ?? ''} maxlength={200} aria-invalid={invalid('assignee')} />
      </label>
      <label>
        <span>{text(locale, LABELS.due_before)}</span>
        <input type="date" name="due_before" value={query.due_before ?? ''} aria-invalid={invalid('due_before')} />
      </label>
      <Choice name="missing_evidence" view={view} choices={[{ value: 'yes', label: text(locale, 'web.evidence.missing') }]} />
      <div class="buttons">
        <button type="submit">{text(locale, 'web.filter.show')}</button>
        <a href={href(view, '/tasks')}>{text(locale, 'web.filter.clear')}</a>
      </div>
    </form>
  );
}

interface ChoiceProps {
  readonly name: FilterName;
  readonly view: View;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly wide?: boolean;
}

function Choice({ name, view: { locale, query }, choices, wide = false }: ChoiceProps) {
  return (
    <label class={wide ? 'wide' : undefined}>
      <span>{text(locale, LABELS[name])}</span>
      <select name={name}>
        <option value="">{text(locale, 'web.any')}</option>
        {choices.map(({ value, label }) => (
          <option value={value} selected={value === query[name]}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function List({ view, list: { total, unnamed, page, pages, lines, risks } }: { view: View; list: TaskList }) {
  const { locale } = view;
  return (
    <section class="card">
      <h2 id="tasks">{text(locale, 'web.tasks.count', { count: total })}</h2>
      {total === 0 ? <p class="muted">{text(locale, 'web.tasks.none')}</p> : null}
      {lines.length === 0 ? null : <TaskLines view={view} lines={lines} risks={risks} labelled="tasks" />}
      {unnamed === 0 ? null : <p class="muted unnamed">{text(locale, 'web.tasks.restricted', { count: unnamed })}</p>}
      {pages === 1 ? null : (
        <nav class="pages">
          {page > 1 ? (
            <a rel="prev" href={href(view, '/tasks', { ...filtersOf(view.query), page: page === 2 ? '' : String(page - 1) })}>
              ← {text(locale, 'web.page.previous')}
            </a>
          ) : (
            <span />
          )}
          <span>{text(locale, 'web.page', { page, pages })}</span>
          {page < pages ? (
            <a rel="next" href={href(view, '/tasks', { ...filtersOf(view.query), page: String(page + 1) })}>
              {text(locale, 'web.page.next')} →
            </a>
          ) : (
            <span />
          )}
        </nav>
      )}
    </section>
  );
}

function filtersOf(query: Query): Query {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, query[name]]));
}
