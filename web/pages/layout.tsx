/** The frame of every page: nothing in it is loaded from elsewhere. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import { formatMoment, text } from '../../config/text.ts';
import { LOCALES, type Locale } from '../../domain/names.ts';
import { href, inLanguage, type View } from '../view.ts';

export const STYLE = readFileSync(new URL('../style.css', import.meta.url), 'utf8');
/** Its hash in the address lets a browser keep it for good, and fetch it anew when it changed. */
const STYLE_HREF = `/style.css?v=${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b4f94"/><path d="M8 17l5.5 5.5L24.5 10" fill="none" stroke="#fff" stroke-width="3.6" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`;

/** Each language in its own words, as its readers look for it. */
const LANGUAGES: Readonly<Record<Locale, { readonly name: string; readonly short: string }>> = {
  vi: { name: 'Tiếng Việt', short: 'VI' },
  en: { name: 'English', short: 'EN' },
  fr: { name: 'Français', short: 'FR' },
};

export interface LayoutProps {
  readonly view: View;
  readonly title: string;
  /** Set apart where the heading shown is not the window's title. */
  readonly heading?: Child;
  /** False where the language is the reader's own and not the URL's. */
  readonly languages?: boolean;
  readonly children?: Child;
}

export function Layout({ view, title, heading, languages = true, children }: LayoutProps) {
  const { locale, path } = view;
  return html`<!doctype html>${(
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · dondoc`}</title>
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={STYLE_HREF} />
      </head>
      <body>
        <header class="top">
          <div class="width">
            <a class="brand" href={href(view, '/')}>
              dondoc
            </a>
            <nav>
              <a href={href(view, '/')} aria-current={path === '/' ? 'page' : undefined}>
                {text(locale, 'web.scoreboard')}
              </a>
              <a href={href(view, '/tasks')} aria-current={path === '/tasks' ? 'page' : undefined}>
                {text(locale, 'web.tasks')}
              </a>
              <a href={href(view, '/policies')} aria-current={path === '/policies' ? 'page' : undefined}>
                {text(locale, 'web.policies')}
              </a>
              <a href={href(view, '/delivery')} aria-current={path === '/delivery' ? 'page' : undefined}>
                {text(locale, 'web.delivery')}
              </a>
            </nav>
            {languages ? (
              <nav class="languages" aria-label={text(locale, 'web.language')}>
                {LOCALES.map((other) => (
                  <a href={inLanguage(view, other)} lang={other} hreflang={other} aria-current={other === locale ? 'true' : undefined}>
                    <span class="long">{LANGUAGES[other].name}</span>
                    <abbr title={LANGUAGES[other].name}>{LANGUAGES[other].short}</abbr>
                  </a>
                ))}
              </nav>
            ) : null}
          </div>
        </header>
        <main class="width">
          {view.banners?.map((said) => (
            <p class="banner" role="status">
              {said}
            </p>
          ))}
          <h1>{heading ?? title}</h1>
          {children}
        </main>
        <footer class="width">{text(locale, 'web.as_of', { at: formatMoment(locale, view.now) })}</footer>
      </body>
    </html>
  )}`;
}

/** A page that says one thing. */
export function Message({ view, title, languages = true, children }: Omit<LayoutProps, 'heading'>) {
  return (
    <Layout view={view} title={title} languages={languages}>
      <p class="card message">{children}</p>
    </Layout>
  );
}
