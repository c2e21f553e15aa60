// The main job in a real workbench: finding, fix, lesson, attack, check; and what happens without a program.
// Environment: URL, WORKSPACE (absolute folder), SHOTS (for screenshots), CHROMIUM (a path), MACHINE_SETTINGS (a file).
import { chromium } from 'playwright-core';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { URL: base, WORKSPACE, SHOTS, CHROMIUM, MACHINE_SETTINGS } = process.env;
const FILE = 'patients.js';
const onDisk = () => readFileSync(join(WORKSPACE, FILE), 'utf8');
mkdirSync(SHOTS, { recursive: true });

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  // Chromium refuses its sandbox to root; it shows nothing but this machine's own server.
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
page.setDefaultTimeout(60_000);

let shots = 0;
const shot = (name) => page.screenshot({ path: join(SHOTS, `${String(++shots).padStart(2, '0')}-${name}.png`) });

async function until(what, condition, ms = 60_000) {
  for (const end = Date.now() + ms; Date.now() < end; await page.waitForTimeout(100)) {
    const got = await condition();
    if (got) return got;
  }
  throw new Error(`timed out waiting for ${what}`);
}

/** Runs a command by its title through the palette; `then` picks in a list that it opens. */
async function command(title, then) {
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

const squiggles = page.locator('.editor-instance .squiggly-error, .editor-instance .squiggly-warning');
const statusBar = page.locator('.statusbar-item[id="squire-lsp.squire.squire.findings"]');
const lenses = page.locator('.codelens-decoration a');
const notifications = page.locator('.notification-toast');
const preview = () => page.frameLocator('iframe.webview').last().frameLocator('#active-frame');

async function noSquiggle() {
  await until('the squiggle to go', async () => (await squiggles.count()) === 0);
}

/** The text of the next notification that matches; notifications are closed first by `quiet`. */
async function told(pattern) {
  return until(`a notification like ${pattern}`, async () => {
    const texts = await notifications.allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ')).find((text) => pattern.test(text));
  }).catch(async (error) => {
    throw new Error(`${error.message}; there are ${JSON.stringify(await notifications.allInnerTexts())}`);
  });
}
const quiet = () => command('Notifications: Clear All Notifications');

/** Opens the menu of code actions on the underlined call and gives its rows. */
async function codeActions() {
  await page.locator('.editor-instance .view-line', { hasText: 'db.query(query' }).locator('span', { hasText: /^query$/ }).first().click();
  const rows = page.locator('.action-widget .monaco-list-row.action');
  await until('the menu of code actions', async () => {
    await page.keyboard.press('Control+.');
    return rows.first().waitFor({ timeout: 2000 }).then(() => true, () => false);
  });
  return rows;
}

const cases = [];
const test = (name, body) => cases.push({ name, body });

test('the finding is underlined and counted', async () => {
  const open = new URL(base);
  open.searchParams.set('folder', WORKSPACE);
  open.searchParams.set('payload', JSON.stringify([['openFile', `vscode-remote://${open.host}${WORKSPACE}/${FILE}`]]));
  await page.goto(String(open));
  await page.locator('.tab', { hasText: FILE }).waitFor();
  await squiggles.first().waitFor();
  await statusBar.filter({ hasText: /^\s*1\s*$/ }).waitFor();
  await shot('finding');
});

test('the Problems panel has it, with the flow below', async () => {
  await command('View: Focus Problems');
  const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'javascript-sql-string-concatenation' });
  await row.waitFor();
  await page.locator('.markers-panel .monaco-list-row', { hasText: 'Ln 8' }).or(page.locator('.markers-panel .monaco-list-row', { hasText: '[Ln 8' })).first().waitFor();
  await shot('problems');
  await command('View: Hide Panel');
});

test('the quick fix binds the parameter, exactly', async () => {
  const actions = await codeActions();
  await shot('code-actions');
  await actions.filter({ hasText: /bound parameter|parameter/ }).first().click();
  await noSquiggle();
  await command('File: Save');
  await until('the fixed file on disk', () => onDisk().includes('[email]'));
  const lines = onDisk().split('\n');
  const query = lines.findIndex((line) => line.includes('const query'));
  const expected = ['  const query = "SELECT * FROM patients WHERE email = ?";', '  /* 🏥 columns count UTF-16 units */ db.query(query, [email]);'];
  if (JSON.stringify(lines.slice(query, query + 2)) !== JSON.stringify(expected)) throw new Error(`the file holds\n${onDisk()}`);
  await statusBar.filter({ hasText: /^\s*0\s*$/ }).waitFor();
});

test('undo brings the finding back', async () => {
  await page.locator('.editor-instance .view-line').first().click();
  await page.keyboard.press('Control+z');
  await squiggles.first().waitFor();
});

test('Learn opens the lesson beside its exercise', async () => {
  const actions = await codeActions();
  await actions.filter({ hasText: /^\s*Learn/ }).first().click();
  await preview().getByText('What happens').first().waitFor();
  await lenses.filter({ hasText: 'Attack' }).waitFor();
  for (const title of ['Check my fix', 'Hint', 'Reset', 'Solution']) await lenses.filter({ hasText: title }).waitFor();
  await shot('lesson');
});

test('the attack succeeds, and the check says so', async () => {
  await quiet();
  await lenses.filter({ hasText: 'Attack' }).click();
  await told(/succe/i);
  await shot('attack');
  await quiet();
  await lenses.filter({ hasText: 'Check my fix' }).click();
  await told(/attack/i);
});

test('the fix repairs the exercise, and the check proves it', async () => {
  await quiet();
  await squiggles.first().waitFor();
  await page.locator('.editor-instance .view-line').first().click();
  await command('Squire: Apply All Safe Fixes in This File');
  await noSquiggle();
  await lenses.filter({ hasText: 'Check my fix' }).click();
  await told(/solved/i);
  await shot('solved');
});

test('the server restarts and the output tells about it', async () => {
  await quiet();
  await command('Squire: Restart Server');
  await command('Squire: Show Output');
  await page.locator('.part.panel .view-line', { hasText: 'running' }).first().waitFor();
  await statusBar.filter({ hasText: /^\s*\d+\s*$/ }).waitFor();
  await command('View: Hide Panel');
});

test('a missing program is explained', async () => {
  const settings = readFileSync(MACHINE_SETTINGS, 'utf8');
  writeFileSync(MACHINE_SETTINGS, '{ "squire.server.path": "/nowhere/squire" }');
  await told(/Squire did not start.*names \/nowhere\/squire, which is not a program/);
  await statusBar.filter({ hasText: 'Squire' }).waitFor();
  await shot('missing');
  writeFileSync(MACHINE_SETTINGS, settings);
  await statusBar.filter({ hasText: /^\s*\d+\s*$/ }).waitFor();
});

test('the walkthrough is shown', async () => {
  await quiet();
  await command('View: Close All Editors');
  const dontSave = page.locator('.monaco-dialog-box .monaco-button', { hasText: "Don't Save" });
  if (await dontSave.waitFor({ timeout: 2000 }).then(() => true, () => false)) await dontSave.click();
  await command('Welcome: Open Walkthrough', 'Get Started with Squire');
  await page.locator('.gettingStartedContainer', { hasText: 'Learn by defending' }).waitFor();
  await preview().getByText('Point at the underlined call').waitFor();
  await shot('walkthrough');
});

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
