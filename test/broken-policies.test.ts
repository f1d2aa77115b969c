/**
 * Proves that `policy check` says of each broken policy where every mistake stands, what it is and what would be right; that errors
 * refuse and warnings do not; and that nothing else is said. What the findings rest on is proved in domain/policy-check.test.ts.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPolicyFile } from '../config/policy.ts';

const folder = fileURLToPath(new URL('./broken-policies/', import.meta.url));
type Said = readonly [at: string, severity: 'error' | 'warning', code: string, cure: string];

/** Of a short policy that shows one mistake: what else is missing in it. */
const UNHEARD = ['report', 'transfer', 'acceptance', 'extension', 'obstacle', 'question'].map((matter) => `${matter}_unheard`);
const ANCHORS = 'write anchor: contribution or contribution_deadline, or another audience';
const OFFSET = 'write a number with its sign and a unit (m, h, d, wd), for example -3wd or +30m, or a share of the time, for example 75%';

const TABLE: Readonly<Record<string, readonly Said[]>> = {
  actions: [
    ['5:35', 'error', 'action_never', 'leave it out, or write when: unreported'],
    ['6:91', 'error', 'out_of_range', 'write at most 9'],
  ],
  channel: [
    ['5:52', 'error', 'channel_without_slack', 'add slack to channels.order'],
    ['6:37', 'error', 'unknown_key', 'did you mean channel?'],
    ['7:38', 'error', 'unknown_word', 'did you mean high?'],
    ['8:58', 'error', 'unknown_word', 'did you mean nudge_letter?'],
    ['9:33', 'error', 'action_never', 'leave it out, or write anchor: deadline with an offset after it, and when: unreported'],
  ],
  // The circle is closed in the other file.
  broken: [['circle-other.yaml:3:10', 'error', 'extends_circle', 'let one of them extend nothing, or another policy']],
  'circle-other': [['broken.yaml:3:10', 'error', 'extends_circle', 'let one of them extend nothing, or another policy']],
  'extends-unknown': [['3:10', 'error', 'extends_unknown', 'did you mean standard?']],
  'hours-reversed': [
    ['4:30', 'error', 'hours_reversed', 'must be after 18:00, for example 17:00'],
    ['6:42', 'error', 'urgent_digest', 'write delivery: due, or urgent: false'],
    ['7:30', 'error', 'share_without_assignment', 'write anchor assignment, or an offset in days'],
    ['8:39', 'error', 'audience_never', ANCHORS],
  ],
  'kind-of-another-anchor': [['5:27', 'error', 'kind_unfit', 'write kind: verification_request or nudge, or anchor: transfer_request']],
  'missing-words': [
    [
      '4:5',
      'error',
      'missing',
      'add when: unacknowledged, unreported, quiet, reported, undecided, unaccepted, unextended, unanswered, overdue',
    ],
  ],
  'misspelt-anchor': [['6:13', 'error', 'unknown_word', 'did you mean deadline?']],
  'misspelt-audience': [['11:26', 'error', 'unknown_word', 'did you mean supervisor?']],
  'misspelt-kind-and-channel': [
    ['10:11', 'error', 'unknown_word', 'did you mean escalation?'],
    ['12:25', 'error', 'unknown_word', 'did you mean slack?'],
  ],
  'misspelt-word': [['11:5', 'error', 'unknown_key', 'did you mean audience?']],
  'never-fires': [['9:11', 'error', 'never_fires', 'write when: undecided']],
  'nobody-hears': [
    ['4:9', 'warning', 'late_unheard', 'add a step with anchor: deadline, offset: +1wd, when: unreported, without only and stop'],
    [
      '4:9',
      'warning',
      'report_unheard',
      'add a step with anchor: report, offset: 0m, when: reported, kind: verification_request, audience: [coordinator]',
    ],
  ],
  'only-contradicts': [['6:22', 'error', 'only_contradicts', 'leave regular out, or write another anchor']],
  'outside-hours': [
    ['4:11', 'warning', 'outside_hours', 'write a time within them'],
    ['6:27', 'warning', 'outside_hours', 'write a time within them, or another timing'],
    ['7:27', 'warning', 'outside_hours', 'write a time within them, or another timing'],
  ],
  'over-the-cap': [['4:16', 'warning', 'over_cap', 'raise it to 2, or use fewer channels and steps']],
  'overdue-before-deadline': [['5:29', 'error', 'not_yet_overdue', 'write when: unreported, or count after the deadline']],
  'remove-unknown': [
    ['4:10', 'error', 'remove_unknown', 'did you mean overdue-1wd?'],
    ['5:19', 'error', 'unknown_key', 'did you mean over?'],
  ],
  'repeat-never': [
    ['6:45', 'error', 'repeat_never', 'leave until out, repeat sooner, or begin earlier'],
    ['8:22', 'error', 'repeat_zero', 'write a longer time, for example +2wd'],
  ],
  'rota-and-channels': [
    ['6:21', 'error', 'bad_form', 'write an e-mail address, for example lan.nguyen@most.example'],
    ['6:33', 'error', 'bad_form', "The date, YYYY-MM-DD, on which the first one's turn begins."],
    ['6:55', 'error', 'out_of_range', 'write at least 1'],
    ['8:37', 'error', 'rota_unknown', 'name its people under rotas: dutty'],
    ['8:80', 'error', 'in_turn_without_after', 'write how long to wait, for example after: +4h'],
    ['8:66', 'warning', 'in_turn_alone', 'name a second channel, or write use: first'],
  ],
  'step-twice': [['13:9', 'error', 'step_twice', 'give it a name of its own, for example late-2']],
  'stop-ends-nothing': [
    ['5:30', 'error', 'stop_idle', 'leave it out'],
    ['6:30', 'error', 'stop_idle', 'count from assignment or activity, or leave it out'],
  ],
  'tab-and-indent': [
    ['10:1', 'error', 'yaml_syntax', 'indent by spaces'],
    ['10:8', 'error', 'yaml_syntax', 'indent this line like the lines beside it'],
    ['10:8', 'error', 'yaml_syntax', 'write it as YAML: word: value'],
    ['12:1', 'error', 'yaml_syntax', 'indent this line like the lines beside it'],
  ],
  texts: [
    ['7:7', 'error', 'text_missing_language', 'add fr: "…"'],
    ['7:11', 'error', 'text_variable', 'did you mean {title}?'],
    ['7:11', 'error', 'text_variable', 'write {deadline}'],
    [
      '8:11',
      'error',
      'text_syntax',
      "close every brace; the variables are {title}, {code}, {deadline}, {agency}, {assignee}; a brace itself is written '{'",
    ],
  ],
  'told-twice': [['11:15', 'error', 'told_twice', 'leave supervisor out here, or move one of the two']],
  'unit-and-number': [
    ['2:10', 'error', 'wrong_type', 'write a number without quotes'],
    ['7:13', 'error', 'bad_form', OFFSET],
  ],
  'word-twice': [['13:5', 'error', 'duplicate_key', 'leave one of them out']],
  'yaml-syntax': [['13:1', 'error', 'yaml_syntax', 'close what was opened: { with }, [ with ]']],
};

it('knows every broken policy, at least twenty of them', () => {
  const files = readdirSync(folder).map((file) => file.replace('.yaml', ''));
  expect(Object.keys(TABLE).sort()).toEqual(files.sort());
  expect(files.length).toBeGreaterThanOrEqual(20);
});

it.each(Object.entries(TABLE))('%s', (name, expected) => {
  const file = join(folder, `${name}.yaml`);
  const read = readPolicyFile(file);
  const errors = 'errors' in read ? read.errors : [];
  const said = [...errors, ...read.warnings]
    // Policies of one step hear of nothing else; that is the finding of its own file.
    .filter(({ code }) => name === 'nobody-hears' || !UNHEARD.includes(code))
    .map(({ file: in_, line, column, severity, code, cure }): Said => {
      const other = in_.endsWith(`/${name}.yaml`) ? '' : `${in_.split('/').at(-1)}:`;
      return [`${other}${line}:${column}`, severity, code, cure];
    });
  expect(said).toEqual(expected);
  expect('policy' in read).toBe(expected.every(([, severity]) => severity === 'warning'));
});

it('says of each what is wrong in words', () => {
  for (const name of Object.keys(TABLE)) {
    const read = readPolicyFile(join(folder, `${name}.yaml`));
    for (const { message, cure } of [...('errors' in read ? read.errors : []), ...read.warnings]) {
      expect(message, name).toMatch(/\S{2,} \S/);
      expect(cure, name).not.toBe('');
    }
  }
});
