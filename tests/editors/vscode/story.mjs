// The main job: finding, fix, lesson, attack, check; and what happens without a program.
// Environment: that of workbench.mjs, and MACHINE_SETTINGS (a file).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeActions, command, errorSquiggles, lenses, noSquiggle, openFile, page, preview, quiet, runCases, shot, squiggles, statusBar, test, told, until } from './workbench.mjs';

const { WORKSPACE, MACHINE_SETTINGS } = process.env;
const FILE = 'patients.js';
const onDisk = () => readFileSync(join(WORKSPACE, FILE), 'utf8');

test('the finding is underlined and counted', async () => {
  await openFile(FILE);
  await squiggles.first().waitFor();
  await statusBar.filter({ hasText: /^\s*1\s*$/ }).waitFor();
  await shot('finding');
});

test('the Problems panel has it, with the flow below', async () => {
  await command('View: Focus Problems');
  const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'javascript-sql-string-building' });
  await row.waitFor();
  // `email` comes from the request on line 8.
  await page.locator('.markers-panel .monaco-list-row', { hasText: '[Ln 8' }).first().waitFor();
  await shot('problems');
  await command('View: Hide Panel');
});

test('the quick fix binds the parameter, exactly', async () => {
  const actions = await codeActions();
  await shot('code-actions');
  await actions.filter({ hasText: 'parameter' }).first().click();
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
  // A verdict has more than a line; the rest is a click away.
  await page.locator('.notification-toast .monaco-button', { hasText: 'Details' }).click();
  await page.locator('.monaco-dialog-box', { hasText: "' OR '" }).waitFor();
  await shot('details');
  await page.keyboard.press('Escape');
  await quiet();
  await lenses.filter({ hasText: 'Check my fix' }).click();
  await told(/attack/i);
});

test('the fix repairs the exercise, and the check proves it', async () => {
  await quiet();
  await errorSquiggles.first().waitFor();
  await page.locator('.editor-instance .view-line').first().click();
  await command('Squire: Apply All Safe Fixes in This File');
  // The last verdict stands there as a warning until the next one.
  await until('the finding to go', async () => (await errorSquiggles.count()) === 0);
  await lenses.filter({ hasText: 'Check my fix' }).click();
  await told(/solved/i);
  await noSquiggle();
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

await runCases();
