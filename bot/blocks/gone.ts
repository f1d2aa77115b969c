/** The question about an assignee who has left, as a Slack message: pure. */
import type { KnownBlock } from '@slack/types';
import { isAsked, questionText } from '../../config/gone-text.ts';
import { clip, text } from '../../config/text.ts';
import type { Email } from '../../domain/names.ts';
import type { Replacement } from '../../domain/stand-in.ts';
import { type Card, type CardView, context, escapeMrkdwn, plain, taskLine } from './card.ts';

/** Followed by the address of who has left: one message may not be the only one. */
export const NAME_ANOTHER = 'gone_name:';

/** Slack's limits of a select, and of a list that is still read. */
const OPTIONS_MAX = 100;
const OPTION_TEXT_MAX = 75;
const LINES_MAX = 20;

export function nameAnotherAction(gone: Email): string {
  return `${NAME_ANOTHER}${gone}`;
}

/** One choice hands over everything that is open; each task alone is handed over on its own card. */
export function replacementCard(replacement: Replacement, view: CardView): Card {
  const { locale } = view.viewer;
  const { gone, tasks, choices } = replacement;
  const said = questionText(locale, replacement);
  const asked = isAsked(replacement);
  const shown = tasks.slice(0, LINES_MAX).map((task) => taskLine(task, view));
  const more = tasks.length > shown.length ? [text(locale, 'digest.more', { count: tasks.length - shown.length })] : [];
  const list: KnownBlock[] =
    gone.goneAt == null || tasks.length === 0 ? [] : [{ type: 'section', text: plain(clip([...shown, ...more].join('\n'), 2_900)) }];
  const ask: KnownBlock[] = asked
    ? [
        {
          type: 'actions',
          elements: [
            {
              type: 'static_select',
              action_id: nameAnotherAction(gone.email),
              placeholder: plain(text(locale, 'gone.all_to')),
              options: choices
                // Slack takes no longer value.
                .filter(({ email }) => email.length <= OPTION_TEXT_MAX)
                .slice(0, OPTIONS_MAX)
                .map(({ name, email }) => ({ text: plain(clip(`${name} (${email})`, OPTION_TEXT_MAX)), value: email })),
              confirm: {
                title: plain(text(locale, 'action.name_another')),
                text: plain(clip(text(locale, 'gone.confirm', { count: tasks.length, person: gone.name }), 300)),
                confirm: plain(text(locale, 'action.submit')),
                deny: plain(text(locale, 'action.cancel')),
              },
            },
          ],
        },
        context(text(locale, 'gone.each')),
      ]
    : [];
  const nobody = gone.goneAt != null && tasks.length > 0 && choices.length === 0 ? [context(text(locale, 'gone.nobody'))] : [];
  return {
    text: escapeMrkdwn(said),
    blocks: [
      context(text(locale, 'kind.assignee_gone'), view.blockId),
      { type: 'section', text: plain(said) },
      ...list,
      ...ask,
      ...nobody,
      context(text(locale, 'gone.why')),
    ],
  };
}
