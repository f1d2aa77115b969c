/**
 * Takes the pictures of this folder: `npm run pictures`. Starts a demo of its own, acts in it as a person would, and looks at
 * pages, Slack and mail in headless Chromium.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { connectionsOf, startSystem } from '../../cli/system.ts';
import { readEnvironment } from '../../config/env.ts';
import { exampleSlackUsers, importDemoTasks, seedDirectory } from '../../examples/demo.ts';
import { freePort } from '../../ops/ports.ts';
import { removeState } from '../../ops/postgres.ts';
import { startStack } from '../../ops/stack.ts';

const CODE = 'NQ57-0001';
const state = mkdtempSync(join(tmpdir(), 'dondoc-pictures-'));
const stack = await startStack({ state, slackUsers: exampleSlackUsers(), log: () => {}, environment: readEnvironment(process.env), startedAt: new Date().toISOString() });
const system = await startSystem(connectionsOf(stack.info), await freePort());
await seedDirectory(system);
await importDemoTasks(system, state);
system.sweep();

const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'vi-VN' });
  await takeSlack(page);
  await takeMail(page);
  await takeWeb(page);
} finally {
  await browser.close();
  await system.stop();
  await stack.stop();
  removeState(state);
}
// As at the end of `up`: the migration engine's own timer would hold the process.
process.exit(0);

function findChromium(): string {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('no Chromium on PATH; install it, for example with: apt-get install chromium');
  return found;
}

async function save(page: Page, name: string, fullPage = false): Promise<void> {
  await page.screenshot({ path: fileURLToPath(new URL(`./${name}.png`, import.meta.url)), fullPage });
}

async function takeSlack(page: Page): Promise<void> {
  await page.goto(stack.info.slack?.url ?? '');
  const conversation = page.getByRole('button', { name: 'Nguyễn Thị Lan' }).last();
  await conversation.click();
  await page.getByText(`${CODE} ·`).first().waitFor();
  await page.getByText('NQ57-0003 ·').first().waitFor();
  await save(page, 'slack-cards');
  await page.getByRole('button', { name: 'Xác nhận đã nhận' }).first().click();
  await page.getByText(/Đã ghi nhận: bạn đã xác nhận/).first().waitFor();
  await save(page, 'slack-acknowledged');
  await page.getByRole('button', { name: 'Báo hoàn thành' }).first().click();
  await page.getByRole('textbox').first().waitFor();
  await page.getByText('Minh chứng').first().waitFor();
  await save(page, 'slack-form');
}

async function takeMail(page: Page): Promise<void> {
  await page.goto(stack.info.mail.url);
  await page.getByPlaceholder('Search emails').fill(CODE);
  await page.getByText(`[${CODE}]`).first().click();
  await page.frameLocator('iframe').first().getByText(CODE).first().waitFor();
  await save(page, 'mail');
}

async function takeWeb(page: Page): Promise<void> {
  const web = system.webUrl;
  await page.goto(`${web}/?lang=vi`);
  await save(page, 'scoreboard');
  await page.goto(`${web}/tasks?lang=en&standing=overdue`);
  await save(page, 'tasks');
  await page.goto(`${web}/tasks/${CODE}?lang=fr`);
  await save(page, 'task');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${web}/?lang=vi`);
  await save(page, 'scoreboard-phone');
}
