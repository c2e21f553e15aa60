// A real VS Code workbench in Chromium: opening a file, running commands, reading the screen; and the cases of a story.
// Environment: URL, WORKSPACE (absolute folder), SHOTS (for screenshots), CHROMIUM (a path).
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const { URL: base, WORKSPACE, SHOTS, CHROMIUM } = process.env;
mkdirSync(SHOTS, { recursive: true });

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  // Chromium refuses its sandbox to root; it shows nothing but this machine's own server.
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
export const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
page.setDefaultTimeout(60_000);

let shots = 0;
export const shot = (name) => page.screenshot({ path: join(SHOTS, `${String(++shots).padStart(2, '0')}-${name}.png`) });

export async function until(what, condition, ms = 60_000) {
  for (const end = Date.now() + ms; Date.now() < end; await page.waitForTimeout(100)) {
    const got = await condition();
    if (got) return got;
  }
  throw new Error(`timed out waiting for ${what}`);
}

/** Runs a command by its title through the palette; `then` picks in a list that it opens. */
export async function command(title, then) {
  const widget = page.locator('.quick-input-widget');
  const pick = (text) => widget.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
  // A key pressed while a preview has the focus, or while something else takes it, can be lost, hence again.
  await until('the command palette', async () => {
    await page.evaluate(() => { document.activeElement?.blur(); window.focus(); });
    await page.keyboard.press('F1');
    return widget.waitFor({ state: 'visible', timeout: 2000 }).then(() => true, () => false);
  });
  await widget.locator('input').first().fill(`>${title}`);
  await pick(title);
  if (then) await pick(then);
  await widget.waitFor({ state: 'hidden' });
}

export const errorSquiggles = page.locator('.editor-instance .squiggly-error');
export const squiggles = page.locator('.editor-instance .squiggly-error, .editor-instance .squiggly-warning');
export const statusBar = page.locator('.statusbar-item[id="squire-lsp.squire.squire.findings"]');
export const lenses = page.locator('.codelens-decoration a');
const notifications = page.locator('.notification-toast');
export const preview = () => page.frameLocator('iframe.webview').last().frameLocator('#active-frame');

export async function noSquiggle() {
  await until('the squiggle to go', async () => (await squiggles.count()) === 0);
}

/** The text of the next notification that matches; notifications are closed first by `quiet`. */
export async function told(pattern) {
  return until(`a notification like ${pattern}`, async () => {
    const texts = await notifications.allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ')).find((text) => pattern.test(text));
  }).catch(async (error) => {
    throw new Error(`${error.message}; there are ${JSON.stringify(await notifications.allInnerTexts())}`);
  });
}
export const quiet = () => command('Notifications: Clear All Notifications');

/** Opens the menu of code actions on the underlined call and gives its rows. */
export async function codeActions() {
  await page.locator('.editor-instance .view-line', { hasText: 'db.query(query' }).locator('span', { hasText: /^query$/ }).first().click();
  const rows = page.locator('.action-widget .monaco-list-row.action');
  await until('the menu of code actions', async () => {
    await page.keyboard.press('Control+.');
    return rows.first().waitFor({ timeout: 2000 }).then(() => true, () => false);
  });
  return rows;
}

/** Opens a file of the workspace; the workbench takes it from the address, whose authority is the server's. */
export async function openFile(name) {
  const address = new URL(base);
  address.searchParams.set('folder', WORKSPACE);
  address.searchParams.set('payload', JSON.stringify([['openFile', `vscode-remote://${address.host}${WORKSPACE}/${name}`]]));
  await page.goto(String(address));
  await page.locator('.tab', { hasText: name }).waitFor();
}

const cases = [];

/** Registers a case. Each one builds on those before it. */
export const test = (name, body) => cases.push({ name, body });

/** Runs the cases up to the first that fails, and sets the exit code. */
export async function runCases() {
  let passed = 0;
  for (const { name, body } of cases) {
    const started = Date.now();
    try {
      await body();
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - started} ms)`);
    } catch (error) {
      await shot('failure').catch(() => undefined);
      console.log(`FAIL ${name} (${Date.now() - started} ms)\n${error.message.split('\n').slice(0, 8).join('\n')}`);
      break; // each case builds on the one before it
    }
  }
  await browser.close();
  console.log(`${passed} passed, ${cases.length - passed} failed`);
  process.exitCode = passed === cases.length ? 0 : 1;
}
