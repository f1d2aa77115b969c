/** What every page has: head, navigation, languages. Nothing is loaded from outside. */
import type { Child } from 'hono/jsx';
import { text } from '../../config/text.ts';
import { LOCALES, type Locale } from '../../domain/names.ts';

/** The request as links on the page need it: its own address and language. */
export interface Here {
  readonly locale: Locale;
  readonly path: string;
  /** Without `lang`. */
  readonly query: URLSearchParams;
}

/** A link within the site that keeps the language. */
export function href({ locale }: Here, path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${path}?${new URLSearchParams({ ...query, lang: locale })}`;
}

const LANGUAGE_NAMES = { vi: 'Tiếng Việt', en: 'English', fr: 'Français' } as const;
const FAVICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%230b4f8a'/%3E%3Cpath d='M8 17l5 5 11-12' fill='none' stroke='white' stroke-width='4' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

export function Page({ here, title, children, bare = false }: { here: Here; title: string; children: Child; bare?: boolean }) {
  const { locale } = here;
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · dondoc`}</title>
        <link rel="icon" href={FAVICON} />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header class="top">
          {bare ? (
            <span class="brand">dondoc</span>
          ) : (
            <nav>
              <a class="brand" href={href(here, '/')}>
                dondoc
              </a>
              <a href={href(here, '/')} aria-current={here.path === '/' ? 'page' : undefined}>
                {text(locale, 'web.home')}
              </a>
              <a href={href(here, '/tasks')} aria-current={here.path === '/tasks' ? 'page' : undefined}>
                {text(locale, 'web.list')}
              </a>
            </nav>
          )}
          <nav class="languages" aria-label="language">
            {LOCALES.map((each) => (
              <a
                lang={each}
                href={`${here.path}?${new URLSearchParams([...here.query, ['lang', each]])}`}
                aria-current={each === locale ? 'true' : undefined}
              >
                {LANGUAGE_NAMES[each]}
              </a>
            ))}
          </nav>
        </header>
        <main>{children}</main>
      </body>
    </html>
  );
}

/** A page that says one thing. */
export function Sentence({ here, title, bare, children }: { here: Here; title: string; bare?: boolean; children: Child }) {
  return (
    <Page here={here} title={title} bare={bare ?? false}>
      <section class="panel narrow">
        <h1>{title}</h1>
        {children}
      </section>
    </Page>
  );
}
