/** Messages that are about no task, and messages that are diverted: pure. */
import type { Notice } from '../../config/hold-text.ts';
import { type Card, escapeMrkdwn } from './card.ts';

/** Slack's limit of a section's text. */
const SECTION_MAX = 3_000;

export function noticeCard({ title, lines, link }: Notice): Card {
  return {
    text: [title, ...lines].join('\n'),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${escapeMrkdwn(title)}*` } },
      { type: 'section', text: { type: 'mrkdwn', text: escapeMrkdwn(lines.join('\n')).slice(0, SECTION_MAX) } },
      { type: 'section', text: { type: 'mrkdwn', text: `<${link.url}|${escapeMrkdwn(link.label)}>` } },
    ],
  };
}

/** The same message with a line below its first block, by whose id it is found again, that says whom it would have gone to. */
export function diverted({ text, blocks }: Card, line: string): Card {
  const [first, ...rest] = blocks;
  const said = { type: 'context' as const, elements: [{ type: 'plain_text' as const, text: `⚠ ${line}` }] };
  return { text: `${line}\n${text}`, blocks: first === undefined ? [said] : [first, said, ...rest] };
}
