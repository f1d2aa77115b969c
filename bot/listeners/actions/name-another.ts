/** The choice of another assignee for everything of one who has left. */
import type { App } from '@slack/bolt';
import { namedText } from '../../../config/gone-text.ts';
import { text } from '../../../config/text.ts';
import type { Email, Locale, TaskCode } from '../../../domain/names.ts';
import { mayLeave } from '../../../domain/secrecy.ts';
import { acknowledged, type Heard } from '../../acknowledge.ts';
import { NAME_ANOTHER } from '../../blocks/gone.ts';
import { type Conversation, forPerson, namesFor, tell } from '../../conversation.ts';
import { type NamingPress, readNaming } from '../../read.ts';

export function registerNaming(app: App, conversation: Conversation): void {
  app.action(new RegExp(`^${NAME_ANOTHER}`), async ({ ack, body }) => {
    await acknowledged(
      () => ack(),
      conversation.onFailure,
      async (heard) => {
        const press = readNaming(body);
        if (press === null) return;
        await forPerson(conversation, press, press.gone, ({ email, locale }) => hand(conversation, press, { actor: email, locale, heard }));
      },
    );
  });
}

async function hand(
  conversation: Conversation,
  press: NamingPress,
  { actor, locale, heard }: { readonly actor: Email; readonly locale: Locale; readonly heard: Heard },
): Promise<void> {
  const names = await namesFor(conversation, locale);
  const { gone, assignee, key } = press;
  const reason = text(locale, 'gone.reason', { person: names.person(gone) });
  const named = await conversation.nameAnother({ key, gone, assignee, actor, via: 'slack', reason, onStored: () => heard() });
  await heard();
  const restricted = await restrictedOf(
    conversation,
    named.refused.map(({ code }) => code),
  );
  await tell(
    conversation,
    press,
    namedText(locale, named, { person: names.person(assignee), names, isRestricted: (code) => restricted.has(code) }),
  );
}

/** Of a restricted task neither code nor reason is said here. */
async function restrictedOf({ task }: Conversation, codes: readonly TaskCode[]): Promise<ReadonlySet<string>> {
  const tasks = await Promise.all(codes.map(task));
  return new Set(tasks.flatMap((each) => (each === undefined || mayLeave(each.secrecy, 'slack') ? [] : [each.code])));
}
