/** The page behind the mail about an assignee who has left: what is open, and who is to answer for it from now on. */
import { isAsked, questionText } from '../../config/gone-text.ts';
import { formatInstant, text } from '../../config/text.ts';
import { mayLeave } from '../../domain/secrecy.ts';
import type { Replacement } from '../../domain/stand-in.ts';
import { COMMITTEE_TIME_ZONE } from '../../domain/time.ts';
import type { View } from '../view.ts';
import { Layout } from './layout.tsx';

/** @param person name and address of who acts, so that nobody acts for another by a forwarded mail unawares */
export function NameAnotherPage({ view, replacement, person }: { view: View; replacement: Replacement; person: string }) {
  const { locale } = view;
  const { tasks, choices } = replacement;
  return (
    <Layout view={view} title={text(locale, 'action.name_another')} languages={false}>
      <div class="card message">
        <p>{questionText(locale, replacement)}</p>
        <ul class="items">
          {tasks.map((task) => (
            <li>
              {mayLeave(task.secrecy, 'web')
                ? `${task.code} · ${task.title} — ${formatInstant(locale, task.deadlineAt, COMMITTEE_TIME_ZONE)}`
                : text(locale, 'secret.title')}
            </li>
          ))}
        </ul>
        {isAsked(replacement) ? (
          <>
            <p>{text(locale, 'link.confirm', { person })}</p>
            <form method="post">
              <label>
                {text(locale, 'field.assignee')}{' '}
                <select name="assignee" required>
                  <option value="">{text(locale, 'modal.choose')}</option>
                  {choices.map(({ name, email }) => (
                    <option value={email}>{`${name} (${email})`}</option>
                  ))}
                </select>
              </label>{' '}
              <button type="submit">{text(locale, 'action.submit')}</button>
            </form>
          </>
        ) : tasks.length > 0 && choices.length === 0 ? (
          <p>{text(locale, 'gone.nobody')}</p>
        ) : null}
      </div>
    </Layout>
  );
}
