/** Proves that the interface is complete in all three languages, with the same values in each. */
import { expect, it } from 'vitest';
import { LOCALES } from '../domain/names.ts';
import { REFUSALS } from '../domain/refusals.ts';
import { TEXTS, type TextId } from './text.ts';

const placeholders = (message: string) =>
  [...new Set([...message.matchAll(/(?<!(?:=0|\b(?:one|other|none)) )\{(\w+)[,}]/g)].map(([, name]) => name))].sort();

it.each(LOCALES)('%s has every text with the same values as English', (locale) => {
  expect(Object.keys(TEXTS[locale])).toEqual(Object.keys(TEXTS.en));
  for (const id of Object.keys(TEXTS.en) as TextId[])
    expect([id, placeholders(TEXTS[locale][id])]).toEqual([id, placeholders(TEXTS.en[id])]);
});

it('has a text for every refusal', () => {
  for (const code of Object.keys(REFUSALS)) expect(TEXTS.en).toHaveProperty([`refusal.${code}`]);
});
