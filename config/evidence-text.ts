/** A piece of evidence in one line, as text: a link is shown, never followed. */
import type { Evidence } from '../domain/command.ts';
import type { Locale } from '../domain/names.ts';
import { formatDate, text } from './text.ts';

export function evidenceText(locale: Locale, item: Evidence): string {
  switch (item.type) {
    case 'text':
      return item.text;
    case 'link':
      return item.url;
    case 'file':
      return item.name;
    case 'document': {
      const { kind, number, date, signer } = item;
      return text(locale, 'evidence.document', {
        kind: text(locale, `document_kind.${kind}`),
        number,
        date: formatDate(locale, date),
        signer,
      });
    }
    case 'figure':
      return `${item.value.toLocaleString(locale)}${item.unit === '' ? '' : ` ${item.unit}`}`;
  }
}
