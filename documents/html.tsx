/** A document as one HTML page that stands alone: nothing in it is loaded from elsewhere, and it prints. Pure. */
import { raw, html as template } from 'hono/html';
import { cellText, type Document, type Table } from './document.ts';

const STYLE = `
body{font:16px/1.5 "Times New Roman",Georgia,serif;color:#111;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #888;padding:.25rem .5rem;text-align:left;vertical-align:top}
th{background:#eef2f6}.number{text-align:right;font-variant-numeric:tabular-nums}
thead{display:table-header-group}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none}}
`;

export function html(document: Document): string {
  const { locale, title, lines, sections } = document;
  return String(
    template`<!doctype html>${(
      <html lang={locale}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title}</title>
          <style>{raw(STYLE)}</style>
        </head>
        <body>
          <h1>{title}</h1>
          {lines.map((line) => (
            <p>{line}</p>
          ))}
          {sections.map(({ heading, paragraphs, table, notes }) => (
            <section>
              <h2>{heading}</h2>
              {paragraphs.map((paragraph) => (
                <p>{paragraph}</p>
              ))}
              {table === null ? null : <Rows document={document} table={table} />}
              {notes.map((note) => (
                <p>{note}</p>
              ))}
            </section>
          ))}
        </body>
      </html>
    )}`,
  );
}

function Rows({ document: { locale }, table: { columns, rows } }: { document: Document; table: Table }) {
  const kind = (index: number) => (columns[index]?.kind === 'number' ? { class: 'number' } : {});
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ name }, index) => (
            <th {...kind(index)}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {row.map((cell, index) => (
              <td {...kind(index)}>{cellText(locale, cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
