/** Proves what is read from Slack's payloads and what is dropped. Does not prove what a listener then does: see test/end-to-end. */
import { describe, expect, it } from 'vitest';
import type { TaskCode } from '../domain/names.ts';
import { readNaming, readPress, readSubmission, readThreadReply, writeFormSubject } from './read.ts';

const press = {
  type: 'block_actions',
  user: { id: 'U0LAN', username: 'lan', team_id: 'T0' },
  channel: { id: 'D1', name: 'directmessage' },
  message: { ts: '1764547200.000100', text: 'x', bot_id: 'B0' },
  trigger_id: '1.2.abc',
  actions: [
    {
      type: 'button',
      action_id: 'task_acknowledge',
      block_id: 'x',
      action_ts: '1764547300.1',
      value: 'NQ57-0001',
      text: { type: 'plain_text', text: 'x' },
    },
  ],
};
const submission = {
  type: 'view_submission',
  user: { id: 'U0LAN' },
  view: {
    id: 'V1',
    callback_id: 'task_done_form',
    private_metadata: writeFormSubject({ code: 'NQ57-0001' as TaskCode, channel: 'D1' }),
    state: {
      values: {
        evidence: { value: { type: 'plain_text_input', value: ' Nghị định 12 ' } },
        agency: { value: { type: 'static_select', selected_option: { value: 'MOF' } } },
        link: { value: { type: 'plain_text_input', value: null } },
      },
    },
  },
};
const reply = { type: 'message', user: 'U0LAN', channel: 'D1', ts: '2.0', thread_ts: '1.0', text: ' xong ' };

describe('a press', () => {
  it('gives person, place, task and the key of the act', () => {
    expect(readPress(press)).toEqual({
      slackUser: 'U0LAN',
      channel: 'D1',
      messageTs: '1764547200.000100',
      triggerId: '1.2.abc',
      actionId: 'task_acknowledge',
      code: 'NQ57-0001',
      key: 'slack:D1:1764547200.000100:task_acknowledge:NQ57-0001:1764547300.1:U0LAN',
    });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'press'],
    ['an empty object', {}],
    ['no user', { ...press, user: undefined }],
    ['no channel', { ...press, channel: null }],
    ['a press in a form (no message)', { ...press, message: undefined }],
    ['two actions', { ...press, actions: [...press.actions, ...press.actions] }],
    ['no action', { ...press, actions: [] }],
    ['a value that is no code', { ...press, actions: [{ ...press.actions[0], value: '<!channel>' }] }],
    ['no value', { ...press, actions: [{ ...press.actions[0], value: undefined }] }],
  ])('is dropped: %s', (_, body) => {
    expect(readPress(body)).toBeNull();
  });

  it.each<[string, object]>([
    ['another person', { user: { id: 'U0HA' } }],
    ['another message', { message: { ts: '9.9' } }],
    ['another task of the same message', { actions: [{ ...press.actions[0], value: 'NQ57-0002' }] }],
    ['a second press', { actions: [{ ...press.actions[0], action_ts: '1764547300.2' }] }],
  ])('has another key for %s', (_, change) => {
    expect(readPress({ ...press, ...change })?.key).not.toBe(readPress(press)?.key);
  });
});

describe('a form', () => {
  it('gives what was typed, trimmed, and what was chosen', () => {
    const read = readSubmission(submission);
    expect(read?.subject).toEqual({ code: 'NQ57-0001', channel: 'D1' });
    expect([...(read?.values ?? [])]).toEqual([
      ['evidence', 'Nghị định 12'],
      ['agency', 'MOF'],
      ['link', ''],
    ]);
    expect(read?.key).toBe('slack:view:V1');
  });

  it.each(['', '{', 'null', '{"code":"<x>","channel":"D1"}', '{"code":"NQ57-0001"}', '[]'])(
    'of an unknown origin has no subject: %s',
    (private_metadata) => {
      expect(readSubmission({ ...submission, view: { ...submission.view, private_metadata } })?.subject).toBeNull();
    },
  );

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no view', { user: { id: 'U' } }],
    ['no state', { ...submission, view: { ...submission.view, state: undefined } }],
  ])('is dropped: %s', (_, body) => {
    expect(readSubmission(body)).toBeNull();
  });
});

describe('a reply in a thread', () => {
  it('gives the text, trimmed, and the files', () => {
    const files = [{ id: 'F1', name: 'a.pdf', size: 3, url_private_download: 'https://x', mimetype: 'x' }];
    expect(readThreadReply({ ...reply, subtype: 'file_share', files })).toMatchObject({
      text: 'xong',
      threadTs: '1.0',
      files: [{ name: 'a.pdf', bytes: 3, url: 'https://x' }],
    });
  });

  it.each<[string, unknown]>([
    ['outside a thread', { ...reply, thread_ts: undefined }],
    ['by a bot', { ...reply, bot_id: 'B0' }],
    ['an edit', { ...reply, subtype: 'message_changed' }],
    ['a deletion', { ...reply, subtype: 'message_deleted' }],
    ['by nobody', { ...reply, user: undefined }],
  ])('is dropped: %s', (_, event) => {
    expect(readThreadReply(event)).toBeNull();
  });
});

describe('a choice of another assignee', () => {
  const action = {
    type: 'static_select',
    action_id: 'gone_name:Lan@most.example',
    block_id: 'x',
    action_ts: '1764547300.1',
    selected_option: { text: { type: 'plain_text', text: 'x' }, value: 'minh@most.example' },
  };
  const { actions: _, ...chosen } = press;

  it('is read with who has left and who is named, one key an act', () => {
    const read = readNaming({ ...chosen, actions: [action] });
    expect(read).toMatchObject({ slackUser: 'U0LAN', channel: 'D1', gone: 'lan@most.example', assignee: 'minh@most.example' });
    expect(readNaming({ ...chosen, actions: [action] })?.key).toBe(read?.key);
    expect(readNaming({ ...chosen, actions: [{ ...action, action_ts: '1764547301.1' }] })?.key).not.toBe(read?.key);
  });

  it.each([
    [{ ...action, action_id: 'gone_name:nobody' }],
    [{ ...action, action_id: 'task_more' }],
    [{ ...action, selected_option: { value: 'nobody' } }],
    [{ ...action, selected_option: null }],
  ])('is dropped when it is not one of ours', (other) => {
    expect(readNaming({ ...chosen, actions: [other] })).toBeNull();
  });
});
