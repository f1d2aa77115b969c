/** What happened to a task: a sentence for every event, and below it whatever the event says besides. */

import type { Names } from '../../config/refusal-text.ts';
import { formatDate, type TextId, text } from '../../config/text.ts';
import type { Locale } from '../../domain/names.ts';
import type { EventRow, TaskPageData, Told } from '../queries/task.ts';
import { taskHref, type View } from '../view.ts';
import { EvidenceList } from './evidence.tsx';
import { Moment } from './moment.tsx';

/** What nobody wanted to happen. */
const WARNINGS: ReadonlySet<string> = new Set([
  'DeadlinePassed',
  'EscalationRaised',
  'InspectionFlagged',
  'ExtensionDecisionAsked',
  'NudgeLetterAsked',
]);

export function Timeline({ view, data }: { view: View; data: TaskPageData }) {
  const { locale } = view;
  return (
    <section class="card">
      <h2>{text(locale, 'web.timeline')}</h2>
      <ol class="timeline">
        {data.events.map((event) => (
          <li class={WARNINGS.has(event.type) ? 'warning' : undefined}>
            <p class="moment">
              <Moment view={view} at={event.at} />
              {event.via === null ? null : <span class="via">{text(locale, `web.via.${event.via}`)}</span>}
            </p>
            <p>{sentence(view, event, data)}</p>
            {event.told === null ? null : <Detail view={view} told={event.told} data={data} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function sentence({ locale }: View, { type, told, by }: EventRow, { names }: TaskPageData): string {
  if (told === null) return text(locale, 'web.event.other', { name: type });
  const { assignment, fields } = told;
  const agency = told.toAgency ?? told.agency ?? assignment?.leadAgency ?? fields?.leadAgency;
  const assignee = told.assignee ?? assignment?.assignee;
  const deadline = told.deadline ?? assignment?.deadline;
  const said = text(locale, `web.event.${told.type}`, {
    // Of what a sentence has a person for, only silence does anything without one.
    by: by === null ? text(locale, 'person.silence') : names.person(by),
    agency: agency === undefined ? '' : names.agency(agency),
    assignee: assignee === undefined ? '' : names.person(assignee),
    deadline: deadline === undefined ? '' : formatDate(locale, deadline),
    period: told.period === undefined ? '' : formatDate(locale, told.period),
    level: told.level ?? 0,
    on: told.on ?? '',
  });
  return said.slice(0, 1).toLocaleUpperCase(locale) + said.slice(1);
}

function Detail({ view, told, data }: { view: View; told: Told; data: TaskPageData }) {
  const { locale } = view;
  const asked = askedText(told, data.events);
  const facts = factsOf(view, told, data);
  const quotes = [told.text, told.reason, told.note].filter((said) => said !== undefined && said !== '');
  return (
    <>
      {asked === null ? null : <p class="asked">{text(locale, 'web.answers', { text: asked })}</p>}
      {facts.length === 0 ? null : <p class="told">{facts.join(' · ')}</p>}
      {told.into == null ? null : (
        <p class="told">
          {text(locale, 'web.field.into')} <a href={taskHref(view, told.into)}>{told.into}</a>
        </p>
      )}
      {quotes.map((said) => (
        <blockquote>{said}</blockquote>
      ))}
      <EvidenceList view={view} items={[...(told.evidence ?? []), ...(told.files ?? [])]} />
    </>
  );
}

/** What was asked, where the event answers something. */
function askedText({ obstacle, question, contribution }: Told, events: readonly EventRow[]): string | null {
  const number = obstacle ?? question ?? contribution;
  return events.find(({ seq }) => seq === number)?.told?.text ?? null;
}

/** What an event says in figures and closed words; free text is quoted instead. */
function factsOf({ locale }: View, told: Told, { task, names }: TaskPageData): string[] {
  const { percent, milestone, forecast, product, kind, risk, basis, partly, grade, until, ending, changes, early } = told;
  const named = (label: TextId, value: string) => text(locale, 'web.named', { label: text(locale, label), value });
  const facts: string[] = [];
  if (early === true) facts.push(text(locale, 'web.transfer.early'));
  if (percent != null) facts.push(`${percent} %`);
  if (milestone != null) facts.push(named('modal.milestone', task.milestones.find(({ id }) => id === milestone)?.name ?? milestone));
  if (forecast != null) facts.push(named('field.forecast', formatDate(locale, forecast)));
  if (product !== undefined) facts.push(task.products.find(({ id }) => id === product)?.name ?? product);
  if (kind !== undefined) facts.push(text(locale, `obstacle.${kind}`));
  if (risk !== undefined) facts.push(text(locale, `risk.level.${risk}`));
  if (basis !== undefined && basis !== '') facts.push(named('modal.basis', basis));
  if (partly === true) facts.push(text(locale, 'note.partly'));
  if (grade != null)
    facts.push(named(told.type === 'DoneReported' ? 'web.field.self_grade' : 'field.grade', text(locale, `grade.${grade}`)));
  if (until != null) facts.push(text(locale, 'note.rework', { date: formatDate(locale, until.deadline) }));
  if (ending !== undefined) facts.push(text(locale, 'note.ending', { ending: text(locale, `ending.${ending}`) }));
  if (changes !== undefined) facts.push(...changedWords(locale, changes, names).map(([label, value]) => named(label, value)));
  return facts;
}

/** The fields that a coordinator corrected, with what they are now. */
function changedWords(locale: Locale, changes: NonNullable<Told['changes']>, names: Names): [TextId, string][] {
  const {
    title,
    product,
    document,
    group,
    coordinatingAgencies,
    deadline,
    priority,
    policy,
    products,
    milestones,
    secrecy,
    recurrence,
    parent,
  } = changes;
  const words: [TextId, string | undefined][] = [
    ['web.field.task', title],
    ['web.field.product', product],
    ['web.field.document', document],
    ['web.field.group', group],
    ['web.field.coordinating', coordinatingAgencies?.map(names.agency).join(', ')],
    ['field.deadline', deadline === undefined ? undefined : formatDate(locale, deadline)],
    ['web.field.priority', priority === undefined ? undefined : text(locale, `web.priority.${priority}`)],
    ['web.field.policy', policy === undefined ? undefined : `${policy.name} v${policy.version}`],
    ['web.field.products', products?.map(({ name }) => name).join(', ')],
    ['web.field.milestones', milestones?.map(({ name }) => name).join(', ')],
    ['field.recurrence', recurrence === undefined ? undefined : (recurrence?.rule ?? '')],
    ['field.parent', parent === undefined ? undefined : (parent?.code ?? '')],
    ['field.secrecy', secrecy === undefined ? undefined : text(locale, `secrecy.${secrecy}`)],
  ];
  return words.flatMap(([label, value]) => (value === undefined ? [] : [[label, value === '' ? '–' : value]]));
}
