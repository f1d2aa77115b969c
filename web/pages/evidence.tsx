/** Pieces of evidence and files of comments: what can be opened is a link, everything else its words. */
import { evidenceText } from '../../config/evidence-text.ts';
import { text } from '../../config/text.ts';
import type { Evidence } from '../../domain/command.ts';
import { formatNumber } from '../format.ts';
import type { View } from '../view.ts';

export function EvidenceList({ view, items }: { view: View; items: readonly Evidence[] }) {
  return items.length === 0 ? null : (
    <ul class="evidence">
      {items.map((item) => (
        <li>
          <EvidenceItem view={view} item={item} />
        </li>
      ))}
    </ul>
  );
}

function EvidenceItem({ view: { locale }, item }: { view: View; item: Evidence }) {
  switch (item.type) {
    case 'link':
      return (
        <a href={item.url} rel="noopener noreferrer nofollow" target="_blank">
          {item.url}
        </a>
      );
    case 'file': {
      const size = formatNumber(locale, Math.max(1, Math.round(item.bytes / 1_000)));
      return <a href={`/files/${item.sha256}`}>{text(locale, 'web.evidence.file', { name: item.name, size })}</a>;
    }
    case 'text':
    case 'document':
    case 'figure':
      return evidenceText(locale, item);
  }
}
