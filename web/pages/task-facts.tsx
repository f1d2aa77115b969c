/** A task's facts, and whatever is open in it: asked, owed, late. */
import type { Child } from 'hono/jsx';
import { reasonText } from '../../config/risk-text.ts';
import { formatDate, formatInstant, formatMoment, type TextId, text } from '../../config/text.ts';
import { fits } from '../../domain/completion.ts';
import { type Contribution, isOpen, type Product, type Said, type Task } from '../../domain/task.ts';
import { COMMITTEE_TIME_ZONE } from '../../domain/time.ts';
import { formatDay } from '../format.ts';
import type { TaskPageData } from '../queries/task.ts';
import { taskHref, type View } from '../view.ts';
import { EvidenceList } from './evidence.tsx';
import { GoneNote } from './task-holders.tsx';
import { DeadlineNote, RiskChip, StandingChip } from './task-lines.tsx';

interface Panel {
  readonly view: View;
  readonly data: TaskPageData;
}

export function Facts({ view, data }: Panel) {
  const { locale } = view;
  const { task, standing, names } = data;
  return (
    <section class="card">
      <h2>{text(locale, 'web.facts')}</h2>
      <dl class="facts">
        <Fact view={view} label="field.status">
          {text(locale, `status.${task.status}`)}{' '}
          {standing === null || standing === 'completed' ? null : <StandingChip view={view} task={{ ...task, standing }} />}
        </Fact>
        <Ending view={view} data={data} />
        <Dates view={view} data={data} />
        <RiskFacts view={view} data={data} />
        <Work view={view} data={data} />
        <Open view={view} data={data} />
        <Fact view={view} label="field.agency">
          {names.agency(task.leadAgency)}
        </Fact>
        <Fact view={view} label="web.field.coordinating">
          {task.coordinatingAgencies.map(names.agency).join(' · ')}
        </Fact>
        <Fact view={view} label="field.assignee">
          {names.person(task.assignee)} <GoneNote view={view} data={data} who={task.assignee} />
        </Fact>
        <Fact view={view} label="web.field.supervisor">
          {task.supervisor === null ? '–' : names.person(task.supervisor)} <GoneNote view={view} data={data} who={task.supervisor ?? ''} />
        </Fact>
        <Fact view={view} label="web.field.coordinator">
          {names.person(task.coordinator)} <GoneNote view={view} data={data} who={task.coordinator} />
        </Fact>
        <Fact view={view} label="web.field.escalation">
          {task.escalationLevel === 0 ? '' : text(locale, 'web.field.escalation.level', { level: task.escalationLevel })}
        </Fact>
        <Fact view={view} label="web.field.product">
          {task.product === '' && task.products.length === 0 ? '–' : task.product}
        </Fact>
        <Fact view={view} label="web.field.document">
          {task.document}
        </Fact>
        <Fact view={view} label="web.field.group">
          {task.group}
        </Fact>
        <Fact view={view} label="web.field.assigned_at">
          {formatMoment(locale, task.assignedAt)}
        </Fact>
        <Fact view={view} label="web.field.priority">
          {text(locale, `web.priority.${task.priority}`)}
        </Fact>
        <Fact view={view} label="field.secrecy">
          {task.secrecy === 'none' ? '' : text(locale, `secrecy.${task.secrecy}`)}
        </Fact>
        <Fact view={view} label="web.field.policy">
          {`${task.policy.name} v${task.policy.version}`}
        </Fact>
      </dl>
    </section>
  );
}

/** A fact that is not there takes no room. */
function Fact({ view, label, children }: { view: View; label: TextId; children?: Child }) {
  if (children === '' || children === null) return null;
  return (
    <div>
      <dt>{text(view.locale, label)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How it ended, and what was thought of it; of a report that waits, the assignee's own assessment. */
function Ending({ view, data: { task } }: Panel) {
  const { locale } = view;
  const isEnded = task.status === 'completed' || task.status === 'cancelled';
  const grade = task.status === 'completed' ? task.grade : null;
  const selfGrade = 'selfGrade' in task ? task.selfGrade : null;
  const into = task.status === 'cancelled' ? task.into : null;
  return (
    <>
      <Fact view={view} label="field.ending">
        {isEnded ? text(locale, `ending.${task.ending}`) : task.status === 'reported' && task.partly ? text(locale, 'note.partly') : ''}
      </Fact>
      <Fact view={view} label="web.field.into">
        {into === null ? null : <a href={taskHref(view, into)}>{into}</a>}
      </Fact>
      <Fact view={view} label="field.grade">
        {grade === null ? '' : text(locale, `grade.${grade}`)}
      </Fact>
      <Fact view={view} label="web.field.self_grade">
        {selfGrade === null ? '' : text(locale, `grade.${selfGrade}`)}
      </Fact>
    </>
  );
}

/** The deadline; beside it what it was at first and what is expected, once they are not one date. */
function Dates({ view, data: { task } }: Panel) {
  const { locale } = view;
  const forecast = task.progress?.forecast ?? null;
  const deadline = (
    <>
      {formatInstant(locale, task.deadlineAt, COMMITTEE_TIME_ZONE)} <DeadlineNote view={view} task={endsOf(task)} />
    </>
  );
  if (task.deadline === task.originalDeadline && (forecast === null || forecast === task.deadline)) {
    return (
      <Fact view={view} label="field.deadline">
        {deadline}
      </Fact>
    );
  }
  return (
    <div class="dates">
      <DateFact view={view} label="field.original_deadline">
        {formatDate(locale, task.originalDeadline)}
      </DateFact>
      <DateFact view={view} label="field.deadline">
        {deadline}
      </DateFact>
      <DateFact view={view} label="field.forecast">
        {forecast === null ? '–' : <span class={forecast > task.deadline ? 'note late' : undefined}>{formatDate(locale, forecast)}</span>}
      </DateFact>
    </div>
  );
}

function DateFact({ view, label, children }: { view: View; label: TextId; children?: Child }) {
  return (
    <>
      <dt>{text(view.locale, label)}</dt>
      <dd>{children}</dd>
    </>
  );
}

function endsOf(task: Task) {
  const completedAt = task.status === 'completed' ? task.completedAt : null;
  const cancelledAt = task.status === 'cancelled' ? task.cancelledAt : null;
  return { ...task, completedAt, cancelledAt };
}

/** How likely it is to be late as computed, with what makes it so; beside it what a person said. */
function RiskFacts({ view, data }: Panel) {
  const { locale } = view;
  const { computed = null, reported = null } = data.risk ?? {};
  return (
    <>
      <Fact view={view} label="web.field.risk">
        {computed === null ? null : (
          <>
            <RiskChip view={view} level={computed.level} score={computed.score} />
            {computed.reasons.length === 0 ? null : (
              <ul class="items">
                {computed.reasons.map((reason) => (
                  <li>{reasonText(locale, reason)}</li>
                ))}
              </ul>
            )}
          </>
        )}
      </Fact>
      <Fact view={view} label="web.field.risk_reported">
        {reported === null ? null : (
          <>
            <span class={`chip risk-${reported.level}`}>{text(locale, `risk.level.${reported.level}`)}</span> {reported.text}
            <span class="said">{saidBy(view, data, reported)}</span>
          </>
        )}
      </Fact>
    </>
  );
}

/** How far it is: progress, products, milestones. */
function Work({ view, data }: Panel) {
  const { locale } = view;
  const { task } = data;
  const { progress, milestones, products, delayCause, rework } = task;
  return (
    <>
      <Fact view={view} label="field.progress">
        {progress === null ? null : (
          <>
            {progress.percent === null ? null : (
              <>
                <progress max={100} value={progress.percent} aria-label={text(locale, 'field.progress')} /> {progress.percent} %
                {progress.text === '' ? '' : ' · '}
              </>
            )}
            {progress.text}
            <span class="said">{saidBy(view, data, progress)}</span>
          </>
        )}
      </Fact>
      <Fact view={view} label="web.field.products">
        {products.length === 0 ? null : (
          <ul class="items">
            {products.map((product) => (
              <ProductItem view={view} data={data} product={product} />
            ))}
          </ul>
        )}
      </Fact>
      <Fact view={view} label="web.field.milestones">
        {milestones.length === 0 ? null : (
          <ul class="items">
            {milestones.map(({ name, due, reachedAt }) => (
              <li>
                {name} <span class="muted">{text(locale, 'web.due', { date: formatDate(locale, due.deadline) })}</span>{' '}
                {reachedAt !== null ? (
                  <span class="chip completed">{text(locale, 'web.milestone.reached', { date: formatDay(locale, reachedAt) })}</span>
                ) : isOpen(task) && view.now > due.deadlineAt ? (
                  <span class="chip overdue">{text(locale, 'web.milestone.late')}</span>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact view={view} label="web.field.delay_cause">
        {delayCause === null ? null : (
          <>
            {text(locale, `obstacle.${delayCause.kind}`)}
            {delayCause.text === '' ? '' : ` · ${delayCause.text}`}
            <span class="said">{saidBy(view, data, delayCause)}</span>
          </>
        )}
      </Fact>
      <Fact view={view} label="web.field.rework">
        {rework === null ? '' : text(locale, 'web.due', { date: formatDate(locale, rework.deadline) })}
      </Fact>
    </>
  );
}

/** What became of a product: the same test that a report must pass. */
function ProductItem({ view, data: { task, names }, product }: Panel & { product: Product }) {
  const { locale } = view;
  const { name, kind, due, waived } = product;
  const isOnly = task.products.filter((each) => each.waived === null).length === 1;
  const given = ('evidence' in task ? task.evidence : task.attached).filter((item) => fits(product, item, isOnly && waived === null));
  const fate = waived !== null ? 'waived' : given.length > 0 ? 'given' : 'missing';
  const tone = { waived: 'uncounted', given: 'completed', missing: 'overdue' }[fate];
  return (
    <li>
      {name} <span class="muted">{text(locale, `product_kind.${kind}`)}</span>{' '}
      {due === null ? null : <span class="muted">{text(locale, 'web.due', { date: formatDate(locale, due.deadline) })}</span>}{' '}
      <span class={`chip ${tone}`}>{text(locale, `web.product.${fate}`)}</span>
      {waived === null ? null : (
        <span class="said">
          {text(locale, 'web.product.waived_by', {
            by: names.person(waived.by),
            at: formatMoment(locale, waived.at),
            reason: waived.reason,
          })}
        </span>
      )}
      <EvidenceList view={view} items={given} />
    </li>
  );
}

/** What waits for an answer, with who owes it since when. */
function Open({ view, data }: Panel) {
  const { locale } = view;
  const { task, names } = data;
  if (!isOpen(task)) return null;
  const owedByCoordinator = ({ at }: Said) =>
    text(locale, 'web.owes', { person: names.person(task.coordinator), at: formatMoment(locale, at) });
  return (
    <>
      <Fact view={view} label="web.field.transfer">
        {transferWords(view, data)}
      </Fact>
      <Fact view={view} label="web.field.extension">
        {extensionWords(view, data)}
      </Fact>
      <Fact view={view} label="web.field.obstacles">
        {asked(task.obstacles, (each) => (
          <>
            {text(locale, `obstacle.${each.kind}`)} · {each.text}
            <span class="said">
              {saidBy(view, data, each)}. {owedByCoordinator(each)}
            </span>
          </>
        ))}
      </Fact>
      <Fact view={view} label="web.field.questions">
        {asked(task.questions, (each) => (
          <>
            {each.text}
            <span class="said">
              {saidBy(view, data, each)}. {owedByCoordinator(each)}
            </span>
          </>
        ))}
      </Fact>
      <Fact view={view} label="web.field.contributions">
        {asked(task.contributions, (each) => (
          <>
            {each.text} {view.now >= each.deadlineAt ? <span class="chip overdue">{text(locale, 'web.milestone.late')}</span> : null}
            <span class="said">{contributionWords(view, data, each)}</span>
          </>
        ))}
      </Fact>
    </>
  );
}

function asked<T extends Said>(open: readonly T[], item: (each: T) => Child): Child {
  return open.length === 0 ? null : (
    <ul class="items">
      {open.map((each) => (
        <li>{item(each)}</li>
      ))}
    </ul>
  );
}

function contributionWords({ locale }: View, { names }: TaskPageData, { agency, deadline, at, acknowledged }: Contribution): string {
  const owes = text(locale, 'web.contribution.owes', {
    agency: names.agency(agency),
    date: formatDate(locale, deadline),
    at: formatMoment(locale, at),
  });
  const known =
    acknowledged === null
      ? text(locale, 'web.contribution.unacknowledged')
      : text(locale, 'web.contribution.acknowledged', { by: names.person(acknowledged.by), at: formatMoment(locale, acknowledged.at) });
  return `${owes} ${known}`;
}

function saidBy({ locale }: View, { names }: TaskPageData, { by, at }: Said): string {
  return text(locale, 'web.said', { by: names.person(by), at: formatMoment(locale, at) });
}

function transferWords({ locale }: View, { task: { transfer }, names }: TaskPageData): Child {
  if (transfer === null) return null;
  const { approved, requestedBy, requestedAt, toAgency, reason } = transfer;
  const values = { agency: names.agency(toAgency), by: names.person(requestedBy) };
  return (
    <>
      {approved === null
        ? text(locale, 'web.transfer.requested', { ...values, at: formatMoment(locale, requestedAt) })
        : text(locale, 'web.transfer.approved', { ...values, at: formatMoment(locale, approved.at) })}
      <span class="said">{reason}</span>
    </>
  );
}

function extensionWords({ locale }: View, { task: { extension }, names }: TaskPageData): Child {
  if (extension === null) return null;
  const { requestedBy, requestedAt, deadline, reason, basis } = extension;
  return (
    <>
      {text(locale, 'web.extension.requested', {
        by: names.person(requestedBy),
        at: formatMoment(locale, requestedAt),
        date: formatDate(locale, deadline),
      })}
      <span class="said">{basis === '' ? reason : `${reason} (${basis})`}</span>
    </>
  );
}
