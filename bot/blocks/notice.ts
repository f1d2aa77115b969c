/** Messages that are about no single task, and messages that are diverted: pure. */
import type { KnownBlock } from '@slack/types';
import { lineText, type Notice, type NoticeLine, type NoticePart } from '../../config/notice.ts';
import { clip } from '../../config/text.ts';
import { type Card, escapeMrkdwn } from './card.ts';

/** Slack's limit of a section's text is 3,000, of a message about 13,200 (bolt-js#2509), of the text beside blocks 4,000. */
const SECTION_MAX = 2_900;
const PARTS_MAX = 9_000;
const TEXT_MAX = 3_900;

/**
 * What does not fit is on the page that the link shows.
 * @param blockId of the first block: by it the message is found in its conversation
 */
export function noticeCard({ title, parts, link }: Notice, blockId: string): Card {
  const said = parts.flatMap(({ heading, lines }) => [...(heading === null ? [] : [heading]), ...lines.map(lineText)]);
  let room = PARTS_MAX;
  const sections = parts.flatMap((part): KnownBlock[] => {
    const shown = sectionText(part, Math.min(SECTION_MAX, room));
    room -= shown.length;
    return shown === '' ? [] : [section(shown)];
  });
  return {
    text: clip([title, ...said].join('\n'), TEXT_MAX),
    blocks: [
      { ...section(`*${escapeMrkdwn(title)}*`), block_id: blockId },
      ...sections,
      section(`<${link.url}|${escapeMrkdwn(link.label)}>`),
    ],
  };
}

const section = (text: string): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** Whole lines only: an escape that is cut in two is none. */
function sectionText({ heading, lines }: NoticePart, room: number): string {
  const written = [...(heading === null ? [] : [`*${escapeMrkdwn(heading)}*`]), ...lines.map(lineMrkdwn)];
  let text = '';
  for (const line of written) {
    const longer = text === '' ? line : `${text}\n${line}`;
    if (longer.length > room) break;
    text = longer;
  }
  return text;
}

function lineMrkdwn(line: NoticeLine): string {
  return typeof line === 'string' ? escapeMrkdwn(line) : `<${line.url}|${escapeMrkdwn(line.text)}>`;
}

/** The same message with a line below its first block, by whose id it is found again, that says whom it would have gone to. */
export function diverted({ text, blocks }: Card, line: string): Card {
  const [first, ...rest] = blocks;
  const said = { type: 'context' as const, elements: [{ type: 'plain_text' as const, text: `⚠ ${line}` }] };
  return { text: `${line}\n${text}`, blocks: first === undefined ? [said] : [first, said, ...rest] };
}
