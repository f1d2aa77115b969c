/** The list of tasks with its filters in the URL. */
import { text } from '../../config/text.ts';
import { STATUSES } from '../../domain/names.ts';
import { STANDINGS } from '../../domain/scoreboard.ts';
import { type ListedTask, PAGE_ROWS, type TaskFilter } from '../queries/tasks.ts';
import { Page } from './layout.tsx';
import { type Reading, TaskTable } from './parts.tsx';

export interface TasksView {
  readonly filter: TaskFilter;
  readonly total: number;
  readonly tasks: readonly ListedTask[];
  readonly agencies: readonly { readonly code: string; readonly name: string }[];
}

export function Tasks({ reading, view }: { reading: Reading; view: TasksView }) {
  const { here } = reading;
  const { locale } = here;
  const { filter, total, tasks, agencies } = view;
  const pages = Math.max(1, Math.ceil(total / PAGE_ROWS));
  const option = (value: string, label: string, chosen: string | null) => (
    <option value={value} selected={value === (chosen ?? '')}>
      {label}
    </option>
  );
  const all = text(locale, 'web.all');
  return (
    <Page here={here} title={text(locale, 'web.list')}>
      <div class="heading">
        <h1>{text(locale, 'web.list')}</h1>
        <p class="quiet">{text(locale, 'web.results', { count: total })}</p>
      </div>
      <form class="panel filters" method="get" action="/tasks">
        <input type="hidden" name="lang" value={locale} />
        <label class="wide">
          {text(locale, 'web.search')}
          <input type="search" name="q" value={filter.q ?? ''} />
        </label>
        <label>
          {text(locale, 'web.standing')}
          <select name="standing">
            {option('', all, filter.standing)}
            {STANDINGS.map((each) => option(each, text(locale, `standing.${each}`), filter.standing))}
          </select>
        </label>
        <label>
          {text(locale, 'field.status')}
          <select name="status">
            {option('', all, filter.status)}
            {STATUSES.map((each) => option(each, text(locale, `status.${each}`), filter.status))}
          </select>
        </label>
        <label class="wide">
          {text(locale, 'field.agency')}
          <select name="agency">
            {option('', all, filter.agency)}
            {agencies.map(({ code, name }) => option(code, name, filter.agency))}
          </select>
        </label>
        <label>
          {text(locale, 'web.assignee')}
          <input type="search" name="assignee" value={filter.assignee ?? ''} />
        </label>
        <label>
          {text(locale, 'web.due_before')}
          <input type="date" name="due_before" value={filter.dueBefore ?? ''} />
        </label>
        <div class="buttons">
          <button type="submit">{text(locale, 'web.apply')}</button>
          <a href={`/tasks?lang=${locale}`}>{text(locale, 'web.clear')}</a>
        </div>
      </form>
      <section class="panel">
        <TaskTable reading={reading} tasks={tasks} />
        {pages === 1 ? null : (
          <p class="pages">
            <PageLink reading={reading} page={filter.page - 1} pages={pages} label={text(locale, 'web.previous')} />
            <span>{text(locale, 'web.page', { page: filter.page, pages })}</span>
            <PageLink reading={reading} page={filter.page + 1} pages={pages} label={text(locale, 'web.next')} />
          </p>
        )}
      </section>
    </Page>
  );
}

function PageLink({ reading: { here }, page, pages, label }: { reading: Reading; page: number; pages: number; label: string }) {
  if (page < 1 || page > pages) return <span class="quiet">{label}</span>;
  const query = new URLSearchParams(here.query);
  query.set('page', String(page));
  query.set('lang', here.locale);
  return <a href={`/tasks?${query}`}>{label}</a>;
}
