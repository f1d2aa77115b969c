/** The three forms of the bot: pure. `private_metadata` carries the task's code and where to answer. */
import type { ModalView } from '@slack/types';
import { type TextId, text } from '../../config/text.ts';
import type { Agency } from '../../domain/directory.ts';
import type { Locale } from '../../domain/names.ts';

export const VIEW = { done: 'task_done_form', transfer: 'task_transfer_form', return: 'task_return_form' } as const;

const plain = (value: string) => ({ type: 'plain_text' as const, text: value });

function modal(locale: Locale, callbackId: string, title: TextId, metadata: string, blocks: ModalView['blocks']): ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: metadata,
    title: plain(text(locale, title).slice(0, 24)),
    submit: plain(text(locale, 'action.submit')),
    close: plain(text(locale, 'action.cancel')),
    blocks,
  };
}

function input(blockId: string, label: string, o: { multiline?: boolean; optional?: boolean } = {}): ModalView['blocks'][number] {
  return {
    type: 'input',
    block_id: blockId,
    optional: o.optional ?? false,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: 'value', multiline: o.multiline ?? false, max_length: 3_000 },
  };
}

export function doneModal(locale: Locale, metadata: string): ModalView {
  return modal(locale, VIEW.done, 'modal.done', metadata, [
    // Either is enough; that one of them is given is checked when the form is sent.
    input('evidence', text(locale, 'modal.evidence'), { multiline: true, optional: true }),
    input('link', text(locale, 'modal.link'), { optional: true }),
  ]);
}

export function transferModal(locale: Locale, metadata: string, agencies: readonly Agency[]): ModalView {
  const options = agencies.slice(0, 100).map((agency) => ({ text: plain(agency.name[locale].slice(0, 75)), value: agency.code }));
  return modal(locale, VIEW.transfer, 'modal.transfer', metadata, [
    {
      type: 'input',
      block_id: 'agency',
      label: plain(text(locale, 'modal.agency')),
      element: { type: 'static_select', action_id: 'value', options },
    },
    input('reason', text(locale, 'modal.reason'), { multiline: true }),
  ]);
}

export function returnModal(locale: Locale, metadata: string): ModalView {
  return modal(locale, VIEW.return, 'action.return', metadata, [input('reason', text(locale, 'modal.reason'), { multiline: true })]);
}
